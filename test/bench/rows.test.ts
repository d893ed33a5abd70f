import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../adapters/suite.js'

const root = new URL('../../', import.meta.url)

interface Results {
  readonly areas: Readonly<
    Record<string, readonly { readonly title: string; readonly rows?: readonly { name: string }[] }[]>
  >
}

/** Areas that need no server. The others make the same rows by the same code. */
const areas = ['tokens', 'keys', 'idempotency', 'signatures', 'memory'] as const

/** How many are stored depends on how long a run may take, and Python on the machine. */
function rowsOf(file: string | URL): string[] {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results
  const rows = areas.flatMap((area) =>
    results.areas[area]!.flatMap(({ title, rows = [] }) => rows.map(({ name }) => `${area}: ${title}: ${name}`)),
  )
  return rows.filter((row) => !row.includes('Python')).map((row) => row.replaceAll(/\d[\d,]*/g, '#'))
}

test('the shortest run of the bench has every row of the page, and no other', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder()
  const bench = fileURLToPath(new URL('bench/dist/main.js', root))
  await promisify(execFile)(process.execPath, [bench, '--smoke', '--area', areas.join(), '--out', folder])
  const rows = rowsOf(join(folder, 'results.json'))
  expect(rows.length).toBeGreaterThan(60)
  expect(rows).toEqual(rowsOf(new URL('docs/performance.json', root)))
})
