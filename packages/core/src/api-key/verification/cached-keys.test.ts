import { inspect } from 'node:util'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import { memoryStore } from '../../stores/memory.js'
import { type ApiKeys, apiKeys } from '../api-keys.js'
import type { ApiKeysOptions } from '../api-keys-options.js'
import { base62 } from '../key/base62.js'
import type { IssuedApiKey } from '../key/issued-key.js'

const start = Date.UTC(2026, 0, 1)
let nowMs: number
let store: ReturnType<typeof memoryStore>
let find: ReturnType<typeof vi.spyOn>
let keys: ApiKeys
let alice: IssuedApiKey

function newKeys(options: Partial<ApiKeysOptions> = {}): ApiKeys {
  return apiKeys({ store, prefix: 'acme', now: () => nowMs, cache: { ttlSeconds: 60 }, ...options })
}

beforeEach(async () => {
  nowMs = start
  store = memoryStore()
  find = vi.spyOn(store.keys, 'find')
  keys = newKeys()
  alice = await keys.issue({ ownerId: 'alice', scopes: ['a:b'], expiresAt: start + 1000 })
})
afterEach(() => store.close())

async function reasonFor(presented: string, of = keys): Promise<string> {
  const verification = await of.verify(presented)
  return verification.isValid ? 'valid' : verification.reason
}

describe('a key whose record is kept', () => {
  beforeEach(async () => {
    expect(await reasonFor(alice.key)).toBe('valid')
    find.mockClear()
  })

  test('is verified without a read', async () => {
    expect(await reasonFor(alice.key)).toBe('valid')
    expect(find).not.toHaveBeenCalled()
  })

  test('expires at its time, without a read', async () => {
    nowMs = start + 1000
    expect(await reasonFor(alice.key)).toBe('expired')
    expect(find).not.toHaveBeenCalled()
  })

  test('does not let another secret in', async () => {
    const body = `${alice.key.slice(0, -7)}${alice.key.at(-7) === 'a' ? 'b' : 'a'}`
    expect(await reasonFor(body + base62(crc32(body), 6))).toBe('wrong-secret')
    expect(await reasonFor(alice.key)).toBe('valid')
    expect(find).not.toHaveBeenCalled()
  })

  test('is judged by what was written, from the moment that it was', async () => {
    await keys.disable(alice.info.id)
    expect(await reasonFor(alice.key)).toBe('disabled')
    await keys.enable(alice.info.id)
    expect(await reasonFor(alice.key)).toBe('valid')
    await keys.revoke(alice.info.id)
    expect(await reasonFor(alice.key)).toBe('revoked')
  })

  test('is judged by what others in this process wrote', async () => {
    await apiKeys({ store, prefix: 'acme' }).revoke(alice.info.id)
    expect(await reasonFor(alice.key)).toBe('revoked')
  })

  test('shows nothing of its record where keys are printed', () => {
    const printed = inspect(keys, { depth: 20, showHidden: true })
    for (const secret of [alice.key, alice.info.id, 'sha256']) expect(printed).not.toContain(secret)
  })
})

test('without a cache each verification reads, and the store is not watched', async () => {
  const watch = vi.spyOn(store.keys, 'watch')
  const plain = apiKeys({ store, prefix: 'acme', now: () => nowMs })
  for (let time = 0; time < 2; time++) expect(await reasonFor(alice.key, plain)).toBe('valid')
  expect(find).toHaveBeenCalledTimes(2)
  expect(watch).not.toHaveBeenCalled()
})

test('unknown and malformed keys are refused as they are without a cache', async () => {
  const elsewhere = await apiKeys({ store: memoryStore(), prefix: 'acme' }).issue({ ownerId: 'bob' })
  expect(await reasonFor(elsewhere.key)).toBe('unknown')
  expect(await reasonFor('acme_live_nonsense')).toBe('malformed')
})

test.each([
  [{}, '"ttlSeconds" must be a number over 0 and up to 60, it is undefined'],
  [{ ttlSeconds: 0 }, '"ttlSeconds"'],
  [{ ttlSeconds: -1 }, '"ttlSeconds"'],
  [{ ttlSeconds: 60.1 }, '"ttlSeconds"'],
  [{ ttlSeconds: Number.NaN }, '"ttlSeconds"'],
  [{ ttlSeconds: '30' }, '"ttlSeconds"'],
  [{ ttlSeconds: 30, maxKeys: 0 }, '"maxKeys"'],
  [{ ttlSeconds: 30, maxKeys: 1.5 }, '"maxKeys"'],
  [{ ttlSeconds: 30, maxkeys: 10 }, 'there is no option "maxkeys"'],
  [true, '"options" must be an object'],
  [null, '"options" must be an object'],
])('the cache %j is refused', (cache, complaint) => {
  const construct = () => newKeys({ cache } as Partial<ApiKeysOptions>)
  expect(construct).toThrow(ConfigurationError)
  expect(construct).toThrow(complaint)
})

test('a store whose part for keys cannot be watched is refused', () => {
  const { insert, find, list, revoke, setDisabled } = store.keys
  const construct = () => newKeys({ store: { keys: { insert, find, list, revoke, setDisabled } } as never })
  expect(construct).toThrow('"store"')
})
