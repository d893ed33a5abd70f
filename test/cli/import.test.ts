import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { finished as written } from 'node:stream/promises'
import { apiKeys } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../lab/store.js'
import { environment, finished, folder, inTerminal, json, latchkey, noTerminal, program, shellLine } from './command.js'
import { type TriedStore, triedStores } from './stores.js'

/** A size that takes seconds; `LATCHKEY_IMPORT_ROWS=100000` is the whole of it. */
const rows = Number(process.env.LATCHKEY_IMPORT_ROWS ?? 2000)
const timeout = 60_000 + rows * 10

const peppers = { current: '2026', secrets: { '2026': 'a pepper that is not used anywhere else' } }
const env = { LATCHKEY_PEPPERS: JSON.stringify(peppers) }

const { path, remove } = folder()
const file = join(path, 'keys.jsonl')
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
const foreignKey = (index: number) => `sk_${sha1(`key ${index}`)}`
const row = (index: number) =>
  JSON.stringify({
    ...{ ownerId: `org_${index % 100}`, scopes: ['payments:read'], algorithm: 'sha256' },
    digest: createHash('sha256').update(foreignKey(index)).digest('hex'),
  })

beforeAll(async () => {
  const stream = createWriteStream(file)
  for (let index = 0; index < rows; index++) stream.write(`${row(index)}\n`)
  stream.end()
  await written(stream)
}, timeout)
afterAll(remove)

describe.each(triedStores)(`${rows} hashes of another system, in $engine`, ({ missing, start }) => {
  describe.skipIf(missing !== undefined)(missing ?? 'a store of its own', () => {
    let store: TriedStore
    beforeAll(async () => {
      store = await start()
    })
    afterAll(() => store?.remove())

    test('are imported, verify each, and are upgraded by that', { timeout }, async () => {
      const run = await latchkey(['keys', 'import', file, '--store', store.url, '--json'], { env })
      expect(run).toMatchObject({ code: 0 })
      expect(JSON.parse(run.stdout)).toMatchObject({ rows, imported: rows, invalid: 0, failed: 0 })

      const opened = await openStore(store.url, 30)
      const keys = apiKeys({
        store: opened,
        prefix: 'acme',
        peppers,
        legacy: [{ name: 'v1', pattern: /^sk_[0-9a-f]{40}$/ }],
      })
      const verified: string[] = []
      for (let first = 0; first < rows; first += 8) {
        const some = Array.from({ length: Math.min(8, rows - first) }, (_, at) => keys.verify(foreignKey(first + at)))
        for (const found of await Promise.all(some)) if (found.isValid) verified.push(found.grant.keyId)
      }
      await keys.flush()
      expect(new Set(verified).size).toBe(rows)
      const algorithms = new Set<string>()
      for (const id of verified) algorithms.add((await opened.keys.find(id))!.algorithm)
      expect([...algorithms]).toEqual(['hmac-sha256'])
      expect(await keys.verify(`sk_${sha1('nobody’s key')}`)).toMatchObject({ isValid: false })
      await opened.close()
    })

    test('are found to be there when they are imported again', { timeout }, async () => {
      const args = ['keys', 'import', file, '--store', store.url]
      expect(await json(args, { env })).toMatchObject({ rows, imported: 0, taken: rows })
      // Without the pepper they would not be found, and be there twice.
      expect(await latchkey(args)).toMatchObject({ code: 2, stdout: '' })
    })
  })
})

describe('rows of which some do not fit', () => {
  const url = `sqlite:${join(path, 'mixed.db')}`
  const mixed = ['{not JSON', '', row(1), '[]', '{"ownerId":"a","algorithm":"md5","digest":"00"}', row(2), row(1)].join(
    '\n',
  )

  test('are told by their lines, and the others are imported', async () => {
    const results = join(path, 'results.jsonl')
    const run = await latchkey(['keys', 'import', '-', '--store', url, '--results', results, '--json'], {
      input: mixed,
    })
    expect(run.code).toBe(1)
    expect(JSON.parse(run.stdout)).toMatchObject({ rows: 6, invalid: 3, imported: 2, taken: 1 })
    const outcomes = readFileSync(results, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { line: number; outcome: string })
      .sort((a, b) => a.line - b.line)
    expect(outcomes.map(({ line }) => line)).toEqual([1, 3, 4, 5, 6, 7])
    expect(outcomes.filter(({ outcome }) => outcome === 'invalid').map(({ line }) => line)).toEqual([1, 4, 5])
  })

  test('with hashes that only the application can verify need the verifier’s name', async () => {
    const input = '{"ownerId":"a","algorithm":"custom:scrypt","lookupId":"4fq2v9sk","digest":"00:00"}\n'
    const args = ['keys', 'import', '-', '--store', url, '--json']
    expect((await latchkey(args, { input })).code).toBe(1)
    expect((await latchkey([...args, '--verifier', 'scrypt'], { input })).code).toBe(0)
  })
})

describe.skipIf(noTerminal() !== undefined)(noTerminal() ?? 'in a terminal', () => {
  test('a bar fills up to the end', { timeout }, async () => {
    const line = shellLine('keys', 'import', file, '--store', `sqlite:${join(path, 'bar.db')}`)
    const { code, shown } = await inTerminal(line)
    expect(code).toBe(0)
    expect(shown).toContain('] 0% | 0 rows')
    expect(shown).toContain(`] 100% | ${rows} rows`)
  })
})

test('an interrupt ends between rows, and the import goes on when it is run again', { timeout }, async () => {
  const url = `sqlite:${join(path, 'interrupted.db')}`
  const child = spawn(process.execPath, [program, 'keys', 'import', '-', '--store', url, '--results', '-'], {
    env: environment(),
  })
  // Standard input stays open: without the interrupt the import would wait for more rows.
  child.stdin.write(readFileSync(file))
  child.stdout.once('data', () => child.kill('SIGINT'))
  const { code, stderr } = await finished(child)
  expect(code).toBe(130)
  expect(stderr).toMatch(/^latchkey: interrupted after \d+ rows: run it again to go on$/m)
  expect((await latchkey(['keys', 'import', file, '--store', url])).code).toBe(0)
})
