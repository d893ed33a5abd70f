import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import type { ImportedApiKey } from './imported-key.js'
import type { ImportOptions, ImportResult } from './key-import.js'
import { LifeRig, start } from './life-rig.js'

const legacy = [{ name: 'sk', pattern: /^sk_\d+$/ }]
const pepper = { current: 'p', secrets: { p: 'p'.repeat(32), q: 'q'.repeat(32) } }
const sha256 = (key: string) => createHash('sha256').update(key).digest('hex')

function row(number: number, more: object = {}): ImportedApiKey {
  return { ownerId: 'org_1', algorithm: 'sha256', digest: sha256(`sk_${number}`), ...more }
}

function* rows(count: number): Generator<ImportedApiKey> {
  for (let number = 0; number < count; number++) yield row(number)
}

async function results(
  rig: LifeRig,
  input: Iterable<ImportedApiKey> | AsyncIterable<ImportedApiKey>,
  options?: ImportOptions,
): Promise<ImportResult[]> {
  const all: ImportResult[] = []
  for await (const result of rig.keys.import(input, options)) all.push(result)
  return all
}

const outcomes = (all: readonly ImportResult[]) => all.map(({ outcome }) => outcome)

describe('an import', () => {
  test('takes every row, each of which then verifies and is upgraded', async () => {
    const rig = new LifeRig({ legacy, peppers: pepper })
    const count = 1000
    const progress: object[] = []
    const all = await results(rig, rows(count), { onProgress: (state) => progress.push(state) })
    expect(all.map(({ row }) => row)).toEqual(Array.from({ length: count }, (_, at) => at))
    expect(new Set(outcomes(all))).toEqual(new Set(['ok']))
    expect(progress.at(-1)).toEqual({ rows: count, imported: count })
    for (let number = 0; number < count; number++) expect(await rig.reason(`sk_${number}`)).toBe('valid')
    await rig.keys.flush()
    for (const result of all) {
      const { id } = result as { id: string }
      expect(rig.memory.find(id)).toMatchObject({ algorithm: 'hmac-sha256', pepperId: 'p', lastUsedAtMs: start })
    }
  })

  test('has a result for each row, and none of them stops it', async () => {
    const rig = new LifeRig({ legacy })
    const bad: unknown[] = [
      ...[
        row(1, { ownerId: '' }),
        row(1, { digest: 'abc' }),
        row(1, { algorithm: 'md5' }),
        row(1, { algorithm: 'custom:x' }),
      ],
      ...[
        row(1, { expiresAt: start - 1 }),
        row(1, { expiresAt: 'soon' }),
        row(1, { scopes: ['A'] }),
        row(1, { isAdmin: true }),
      ],
      ...[row(1, { lookupId: 'x' }), row(1, { environment: 'prod' }), null, undefined, 5, 'row', [], {}],
    ]
    const all = await results(rig, [row(0), ...bad, row(2)] as ImportedApiKey[])
    expect(outcomes(all)).toEqual(['ok', ...bad.map(() => 'invalid'), 'ok'])
    for (const result of all) if (result.outcome === 'invalid') expect(result.detail).toMatch(/^import: /)
    expect(await rig.keys.list()).toHaveLength(2)
  })

  test('says what does not fit, and shows nothing of the digest', async () => {
    const rig = new LifeRig({ legacy })
    const [result] = await results(rig, [row(0, { digest: 'abcdef0123' })])
    expect(result).toEqual({
      row: 0,
      outcome: 'invalid',
      detail: 'import: "digest" must be a sha256 digest in hexadecimal, base64 or base64url, it is string',
    })
  })

  test('done again finds what it has imported, used or not, and whatever the pepper is by then', async () => {
    const rig = new LifeRig({ legacy })
    const first = await results(rig, rows(40))
    const ids = first.map((result) => (result as { id: string }).id)
    const taken = ids.map((id, at) => ({ row: at, outcome: 'taken', id }))
    expect(await results(rig, rows(40))).toEqual(taken)
    const peppered = rig.process({ peppers: pepper })
    for (let number = 0; number < 20; number++) await peppered.verify(`sk_${number}`)
    await peppered.flush()
    const again: ImportResult[] = []
    for await (const result of peppered.import(rows(40))) again.push(result)
    expect(again).toEqual(taken)
    expect(await rig.keys.list()).toHaveLength(40)
  })

  test('takes one of two rows with one key, however they are written', async () => {
    const rig = new LifeRig({ legacy })
    const base64 = createHash('sha256').update('sk_1').digest('base64')
    const open = rig.hold('insert')
    const all = results(rig, [row(1), row(1, { digest: base64 }), row(1, { digest: sha256('sk_1').toUpperCase() })])
    open()
    expect(outcomes(await all).toSorted()).toEqual(['ok', 'taken', 'taken'])
  })

  test('holds owners to their number of keys', async () => {
    const rig = new LifeRig({ legacy, maxActiveKeys: 2 })
    expect(outcomes(await results(rig, rows(4)))).toEqual(['ok', 'ok', 'full', 'full'])
  })

  test('goes on where the store fails, and what failed can be tried again', async () => {
    const rig = new LifeRig({ legacy })
    rig.fail('insert')
    const [failed] = await results(rig, [row(0)])
    expect(failed).toMatchObject({ row: 0, outcome: 'failed', error: new Error('insert is down') })
    rig.fail('insert', false)
    expect(outcomes(await results(rig, [row(0)]))).toEqual(['ok'])
  })

  test('reads a stream no faster than its results are taken', async () => {
    const rig = new LifeRig({ legacy })
    let read = 0
    async function* stream() {
      for (const next of rows(10_000)) {
        read++
        yield next
      }
    }
    const iteration = rig.keys.import(stream())
    expect(read).toBe(0)
    await iteration.next()
    expect(read).toBeLessThan(100)
    await iteration.return()
    expect((await rig.keys.list({ limit: 1000 })).length).toBeLessThan(100)
  })

  test('stops at a signal, with its reason', async () => {
    const rig = new LifeRig({ legacy })
    const stop = new AbortController()
    const seen: ImportResult[] = []
    const work = async () => {
      for await (const result of rig.keys.import(rows(1000), { signal: stop.signal })) {
        seen.push(result)
        if (seen.length === 20) stop.abort(new Error('enough'))
      }
    }
    await expect(work()).rejects.toThrow('enough')
    expect(seen.length).toBeLessThan(100)
    await expect(results(rig, rows(1), { signal: AbortSignal.abort() })).rejects.toThrow()
  })

  test('passes on what its source throws', async () => {
    async function* broken() {
      yield row(0)
      throw new Error('the file ends here')
    }
    await expect(results(new LifeRig({ legacy }), broken())).rejects.toThrow('the file ends here')
  })

  test('tells the observer of each key', async () => {
    const rig = new LifeRig({ legacy })
    const [result] = await results(rig, [row(0), row(0)])
    const { id } = result as { id: string }
    expect(rig.events).toEqual([{ type: 'api-key.imported', keyId: id, ownerId: 'org_1', environment: 'live' }])
  })

  test('is refused where nothing could recognise the keys, or nothing can be iterated over', () => {
    expect(() => new LifeRig().keys.import([])).toThrow(/"legacy" must be set/)
    const rig = new LifeRig({ legacy })
    for (const input of [5, null, {}, 'rows']) {
      expect(() => rig.keys.import(input as unknown as ImportedApiKey[])).toThrow(ConfigurationError)
    }
    expect(() => rig.keys.import([], { onProgress: 5 } as unknown as ImportOptions)).toThrow(ConfigurationError)
  })
})
