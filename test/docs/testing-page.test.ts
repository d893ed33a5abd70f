import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository } from '../architecture/source.js'
import { fencedBlocks } from './blocks.js'

const page = repository('.md').find(({ path }) => path === 'docs/testing.md')!
const files = fencedBlocks(page).flatMap(({ code }) => {
  const name = /^\/\/ (\w+)\.test\.ts$/m.exec(code.split('\n')[0]!)?.[1]
  return name === undefined ? [] : [{ name, code }]
})

/** Where every package can be imported from, and where nobody looks for sources. */
const built = fileURLToPath(new URL('../dist/', import.meta.url))
let folder: string
beforeAll(() => {
  mkdirSync(built, { recursive: true })
  folder = mkdtempSync(join(built, 'testing-page-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the page has a whole test for each framework', () => {
  expect(files.map(({ name }) => name)).toEqual(['express', 'koa', 'hono'])
})

test.each(files)(
  'the test for $name passes under node --test as it stands there',
  ({ name, code }) => {
    const compiled = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    })
    const file = join(folder, `${name}.test.mjs`)
    writeFileSync(file, compiled.outputText)
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', file], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(status, stdout + stderr).toBe(0)
    expect(stdout).toContain('# pass 2\n# fail 0\n')
  },
  90_000,
)
