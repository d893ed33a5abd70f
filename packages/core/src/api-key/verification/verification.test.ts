import { crc32 } from 'node:zlib'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import * as crypto from '../../crypto.js'
import { isPromise } from '../../deadline.js'
import { StoreError } from '../../errors.js'
import { MemoryKeyStore } from '../../stores/memory-keys.js'
import { type ApiKeys, apiKeys } from '../api-keys.js'
import { base62 } from '../key/base62.js'
import type { IssuedApiKey } from '../key/issued-key.js'
import type { KeyRecord } from '../store.js'
import type { Verification } from './verification.js'

vi.mock(import('../../crypto.js'), async (original) => {
  const real = await original()
  return { ...real, digestText: vi.fn(real.digestText) }
})

const hmac = vi.spyOn(crypto.TextHmac.prototype, 'digest')
const compared = vi.spyOn(crypto.EqualTexts.prototype, 'areSame')

const now = Date.UTC(2026, 0, 1)

/** A store that counts reads, and can be made to answer otherwise. */
class WatchedKeyStore extends MemoryKeyStore {
  reads = 0
  answer: ((record: KeyRecord | undefined) => unknown) | undefined

  override find(id: string) {
    this.reads += 1
    const record = super.find(id)
    return (this.answer ? this.answer(record) : record) as KeyRecord | undefined
  }
}

let store: WatchedKeyStore
let keys: ApiKeys
let alice: IssuedApiKey

beforeEach(async () => {
  store = new WatchedKeyStore()
  keys = apiKeys({ store: { keys: store }, prefix: 'acme', now: () => now })
  alice = await keys.issue({ ownerId: 'alice', scopes: ['payments:*'], name: 'n', metadata: { plan: 'free' } })
  vi.clearAllMocks()
})

/** With the character at `at` (from the end) replaced, and the checksum set right again. */
function otherSecret(key: string): string {
  const last = key.at(-7) === 'a' ? 'b' : 'a'
  const body = key.slice(0, -7) + last
  return body + base62(crc32(body), 6)
}

function unknownKey(): string {
  const body = `acme_live_${'Unknown0Id00'}_${'x'.repeat(43)}`
  return body + base62(crc32(body), 6)
}

async function reasonFor(key: string): Promise<string> {
  const verification = await keys.verify(key)
  return verification.isValid ? 'valid' : verification.reason
}

/** How much hashing and comparing went into one verification. */
async function workFor(key: string): Promise<unknown> {
  vi.clearAllMocks()
  await keys.verify(key)
  const shapes = ({ mock }: { mock: { calls: unknown[][] } }) =>
    mock.calls.map((call) => call.map((part) => (part as { length?: number }).length))
  return [vi.mocked(crypto.digestText), hmac, compared].map((work) => shapes(work as never))
}

describe('a key that is right', () => {
  test('stands for what was issued', async () => {
    const verification = (await keys.verify(alice.key)) as Extract<Verification, { isValid: true }>
    const { has, ...grant } = verification.grant
    expect(grant).toEqual({
      keyId: alice.info.id,
      ownerId: 'alice',
      environment: 'live',
      scopes: ['payments:*'],
      name: 'n',
      metadata: { plan: 'free' },
      display: alice.info.display,
    })
    expect(has('payments:read')).toBe(true)
    expect(has('orders:read')).toBe(false)
    expect(['payments:*', '*', '', 'a::b', undefined as unknown as string].some((scope) => has(scope))).toBe(false)
  })

  test('costs one read and one hash', async () => {
    expect(await reasonFor(alice.key)).toBe('valid')
    expect(store.reads).toBe(1)
    expect(crypto.digestText).toHaveBeenCalledTimes(1)
  })

  test('is known at once where the store answers at once', () => {
    expect(isPromise(keys.verify(alice.key))).toBe(false)
    store.answer = (record) => Promise.resolve(record)
    expect(isPromise(keys.verify(alice.key))).toBe(true)
  })

  test('was right up to its end, and not from there on', async () => {
    let clock = now
    const timed = apiKeys({ store: { keys: store }, prefix: 'acme', now: () => clock })
    const { key } = await timed.issue({ ownerId: 'o', expiresAt: now + 1000 })
    clock = now + 999
    expect(await timed.verify(key)).toMatchObject({ isValid: true })
    clock = now + 1000
    expect(await timed.verify(key)).toMatchObject({ isValid: false, reason: 'expired' })
    clock = Number.NaN
    expect(await timed.verify(key)).toMatchObject({ isValid: false, reason: 'expired' })
  })

  test('outlives every change of the settings for new keys', async () => {
    const secrets = { a: 'a'.repeat(32), b: 'b'.repeat(32) }
    const under = { store: { keys: store }, now: () => now }
    const first = apiKeys({ ...under, prefix: 'acme', peppers: { current: 'a', secrets } })
    const peppered = await first.issue({ ownerId: 'o', environment: 'test' })
    const next = apiKeys({
      ...under,
      prefix: 'emca',
      formerPrefixes: ['acme'],
      environments: ['prod'],
      peppers: { current: 'b', secrets },
    })
    for (const { key } of [alice, peppered]) expect(await next.verify(key)).toMatchObject({ isValid: true })
    expect((await next.issue({ ownerId: 'o' })).key).toMatch(/^emca_prod_/)
  })
})

describe('a key that is wrong', () => {
  test('in its shape, prefix or checksum costs no hash and no read', async () => {
    const wrong = [
      ...['', 'acme', 'acme_live_short', `${alice.key} `, alice.key.slice(0, -1), `${alice.key}0`],
      ...[alice.key.replace('acme', 'emca'), alice.key.replace('live', 'test'), alice.key.toLowerCase()],
      ...[alice.key.slice(0, -1) + (alice.key.endsWith('a') ? 'b' : 'a'), `acme_live_${'a'.repeat(100_000)}`],
      ...['\u0000', 'ключ', `acme_live_${'\u0000'.repeat(12)}_${'x'.repeat(49)}`, '__proto__'],
      ...[undefined, null, 5, {}, [alice.key]].map((value) => value as unknown as string),
    ]
    for (const key of wrong) expect(await reasonFor(key)).toBe('malformed')
    expect(store.reads).toBe(0)
    expect(crypto.digestText).not.toHaveBeenCalled()
    expect(hmac).not.toHaveBeenCalled()
  })

  /** At its first use in a while a proven key is hashed once more, to be remembered by. */
  test('in its secret, or of nobody, costs as much as a right one in use', async () => {
    await keys.verify(alice.key)
    const right = await workFor(alice.key)
    expect(await reasonFor(otherSecret(alice.key))).toBe('wrong-secret')
    expect(await reasonFor(unknownKey())).toBe('unknown')
    expect(await workFor(otherSecret(alice.key))).toEqual(right)
    expect(await workFor(unknownKey())).toEqual(right)
    store.answer = () => null
    expect(await reasonFor(alice.key)).toBe('unknown')
  })

  test('under a pepper, too', async () => {
    keys = apiKeys({
      store: { keys: store },
      prefix: 'acme',
      peppers: { current: 'p', secrets: { p: 'p'.repeat(32) } },
    })
    const peppered = await keys.issue({ ownerId: 'o' })
    await keys.verify(peppered.key)
    const right = await workFor(peppered.key)
    expect(await workFor(otherSecret(peppered.key))).toEqual(right)
    expect(await workFor(unknownKey())).toEqual(right)
  })

  test('names its id where it is well formed', async () => {
    expect(await keys.verify(unknownKey())).toEqual({ isValid: false, reason: 'unknown', keyId: 'Unknown0Id00' })
    expect(await keys.verify('acme_live_short')).toEqual({ isValid: false, reason: 'malformed' })
  })
})

describe('the order of the checks', () => {
  const dead = { revokedAtMs: 1, disabledAtMs: 1, expiresAtMs: 1 }
  test.each([
    ['revoked', dead],
    ['disabled', { ...dead, revokedAtMs: null }],
    ['expired', { ...dead, revokedAtMs: null, disabledAtMs: null }],
  ])('%s comes before what follows it, and after the secret', async (reason, columns) => {
    store.answer = (record) => ({ ...record, ...columns })
    expect(await reasonFor(alice.key)).toBe(reason)
    expect(await reasonFor(otherSecret(alice.key))).toBe('wrong-secret')
  })
})

describe('a row that cannot be right denies, and never throws', () => {
  const times = [Number.NaN, Number.POSITIVE_INFINITY, '9999999999999', undefined, {}, true, -1, 0, '']
  test.each(times)('an end of %j', async (expiresAtMs) => {
    store.answer = (record) => ({ ...record, expiresAtMs })
    expect(await reasonFor(alice.key)).toBe('expired')
  })

  test.each([Number.NaN, undefined, 'never', 0, {}])('a revocation of %j', async (revokedAtMs) => {
    store.answer = (record) => ({ ...record, revokedAtMs })
    expect(await reasonFor(alice.key)).toBe('revoked')
  })

  test.each([Number.NaN, undefined, 'never', 0, {}])('a suspension of %j', async (disabledAtMs) => {
    store.answer = (record) => ({ ...record, disabledAtMs })
    expect(await reasonFor(alice.key)).toBe('disabled')
  })

  test.each([
    ['another id', { id: 'Unknown0Id00' }],
    ['another environment than the key', { environment: 'test' }],
    ['no environment', { environment: undefined }],
    ['no owner', { ownerId: undefined }],
    ['an empty owner', { ownerId: '' }],
    ['an owner that is no text', { ownerId: { $ne: null } }],
    ['no scopes', { scopes: undefined }],
    ['scopes that are a text', { scopes: 'payments:read' }],
    ['scopes that are no texts', { scopes: [null] }],
    ['no metadata', { metadata: undefined }],
  ])('%s', async (_, columns) => {
    store.answer = (record) => ({ ...record, ...columns })
    expect(await reasonFor(alice.key)).toBe('corrupt')
  })

  test.each([undefined, null, '', 'x', 5, {}])('a digest of %j', async (digest) => {
    store.answer = (record) => ({ ...record, digest })
    expect(await reasonFor(alice.key)).toBe('wrong-secret')
  })
})

describe('a store or a pepper that is not there', () => {
  test('is neither right nor wrong: verify throws, or rejects where the store does', async () => {
    store.answer = () => {
      throw new Error('down')
    }
    expect(() => keys.verify(alice.key)).toThrow('down')
    store.answer = () => Promise.reject(new Error('down'))
    await expect(keys.verify(alice.key)).rejects.toThrow('down')
  })

  test.each([
    ['a pepper that is gone', { algorithm: 'hmac-sha256', pepperId: 'gone' }],
    ['an algorithm of another version', { algorithm: 'blake3' }],
    ['no algorithm', { algorithm: undefined }],
  ])('%s is one', async (_, columns) => {
    store.answer = (record) => ({ ...record, ...columns })
    expect(() => keys.verify(alice.key)).toThrow(StoreError)
    store.answer = async (record) => ({ ...record, ...columns })
    await expect(keys.verify(alice.key)).rejects.toThrow(StoreError)
  })
})
