import { format, inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import { memoryStore } from '../../stores/memory.js'
import { apiKeys } from '../api-keys.js'
import type { ApiKeysOptions } from '../api-keys-options.js'
import type { NewApiKey } from './new-api-key.js'

const now = Date.UTC(2026, 0, 1)

function rig(options: Partial<ApiKeysOptions> = {}) {
  const store = memoryStore()
  return { store, keys: apiKeys({ store, prefix: 'acme', now: () => now, ...options }) }
}

/** Bytes that are the same in each run, and never the same twice in one. */
function seeded(): (target: Uint8Array) => void {
  let state = 1
  return (target) => {
    for (let at = 0; at < target.length; at++) {
      state = (state * 48271) % 0x7fffffff
      target[at] = state >> 8
    }
  }
}

/** A list in a list, so many levels of them. */
function nested(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels))
}

describe('issue', () => {
  test('tells which member does not fit and what it must be, apart from what came', async () => {
    const { keys } = rig()
    const quota = { remaining: 1, refill: { amount: 1, everySeconds: 'SECRET' as never } }
    const error = await keys.issue({ ownerId: 'org_1', quota }).catch((fault: ConfigurationError) => fault)
    expect(error).toMatchObject({
      fault: { option: 'quota.refill.everySeconds', expected: 'a number from 1 to 31536000' },
    })
  })

  test('takes metadata of 100 levels', async () => {
    const metadata = { deep: nested(99) }
    expect((await rig().keys.issue({ ownerId: 'org_1', metadata })).info.metadata).toEqual(metadata)
  })

  test('takes nothing from a prototype, as a merge of parsed JSON may leave one', async () => {
    const { keys } = rig()
    const merged = Object.assign({ ownerId: 'org_1' }, JSON.parse('{"__proto__":{"scopes":["*"]}}'))
    await expect(keys.issue(merged)).rejects.toThrow('"scopes" is inherited')
    await expect(keys.issue(Object.create({ ownerId: 'org_1' }))).rejects.toThrow(ConfigurationError)
  })

  test('refuses a list of scopes with a hole', async () => {
    // biome-ignore lint/suspicious/noSparseArray: that is what is tested
    const scopes = [, 'a:b'] as string[]
    await expect(rig().keys.issue({ ownerId: 'org_1', scopes })).rejects.toThrow(ConfigurationError)
  })

  test('hands out an object that shows no key, not even where hidden properties are shown', async () => {
    const issued = await rig().keys.issue({ ownerId: 'org_1' })
    const secret = issued.key.slice(-49)
    for (const text of [format('%o', issued), inspect(issued, { showHidden: true }), JSON.stringify(issued)]) {
      expect(text).not.toContain(secret)
    }
  })

  test('hands out the key once, and stores a digest', async () => {
    const { store, keys } = rig()
    const { key, info } = await keys.issue({ ownerId: 'org_1', environment: 'test', scopes: ['a:b'], name: 'first' })
    expect(key).toMatch(/^acme_test_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
    expect(info).toEqual({
      id: key.slice(10, 22),
      prefix: 'acme',
      environment: 'test',
      display: `acme_test_${key.slice(10, 22)}_…`,
      name: 'first',
      ownerId: 'org_1',
      scopes: ['a:b'],
      metadata: {},
      allowedIps: null,
      rateLimit: null,
      quota: null,
      meterId: info.id,
      createdAtMs: now,
      expiresAtMs: null,
      idleSeconds: null,
      lastUsedAtMs: null,
      rotatedTo: null,
      rotatedFrom: null,
      graceOnUseSeconds: null,
      disabledAtMs: null,
      revokedAtMs: null,
      revocationReason: null,
    })
    const stored = JSON.stringify(await store.keys.find(info.id))
    expect(stored).toContain('"algorithm":"sha256"')
    for (const piece of [key.slice(23), key.slice(23, 35), key.slice(-6)]) expect(stored).not.toContain(piece)
  })

  test('the key does not show where the whole answer is logged or serialised', async () => {
    const issued = await rig().keys.issue({ ownerId: 'org_1' })
    const secret = issued.key.slice(23)
    for (const text of [inspect(issued, { depth: 9 }), JSON.stringify(issued), JSON.stringify({ ...issued })]) {
      expect(text).toContain(issued.info.id)
      expect(text).not.toContain(secret)
    }
  })

  test('nothing but an owner is needed: no scopes, the first environment, no end', async () => {
    const { info } = await rig({ environments: ['sandbox', 'live'] }).keys.issue({ ownerId: 'org_1' })
    expect(info).toMatchObject({ environment: 'sandbox', scopes: [], name: null, expiresAtMs: null, metadata: {} })
  })

  test('under a pepper the row names it', async () => {
    const { store, keys } = rig({ peppers: { current: 'p1', secrets: { p1: 'p'.repeat(32) } } })
    const { info } = await keys.issue({ ownerId: 'org_1' })
    expect(await store.keys.find(info.id)).toMatchObject({ algorithm: 'hmac-sha256', pepperId: 'p1' })
  })

  test('an end is a date or epoch milliseconds, and lies in the future', async () => {
    const { keys } = rig()
    const issue = async (expiresAt: unknown) =>
      (await keys.issue({ ownerId: 'o', expiresAt: expiresAt as Date })).info.expiresAtMs
    expect(await issue(new Date(now + 1))).toBe(now + 1)
    expect(await issue(now + 1000.7)).toBe(now + 1000)
    expect(await issue(null)).toBeNull()
    const noEnds = [now, now - 1, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 9e15, now / 1000]
    for (const end of [...noEnds, new Date(Number.NaN), new Date(now), '2027-01-01', true, {}, '']) {
      await expect(issue(end), String(end)).rejects.toThrow(ConfigurationError)
    }
  })

  test.each<[string, Record<string, unknown>]>([
    ['no owner', {}],
    ['an empty owner', { ownerId: '' }],
    ['an owner that is no text', { ownerId: 5 }],
    ['an owner over 255 characters', { ownerId: 'o'.repeat(256) }],
    ['an owner that breaks lines', { ownerId: 'a\nb' }],
    ['an owner with a NUL', { ownerId: 'a\u0000b' }],
    ['an owner that is not Unicode', { ownerId: 'a\ud800' }],
    ['an environment that is not configured', { ownerId: 'o', environment: 'prod' }],
    ['an environment of the name of a property', { ownerId: 'o', environment: 'constructor' }],
    ['a name that is no text', { ownerId: 'o', name: 5 }],
    ['an empty name', { ownerId: 'o', name: '' }],
    ['scopes that are no list', { ownerId: 'o', scopes: 'payments:read' }],
    ['an empty scope', { ownerId: 'o', scopes: [''] }],
    ['a scope in upper case', { ownerId: 'o', scopes: ['Payments:read'] }],
    ['half a wildcard', { ownerId: 'o', scopes: ['pay*'] }],
    ['too many scopes', { ownerId: 'o', scopes: Array.from({ length: 257 }, (_, index) => `s:${index}`) }],
    ['metadata that is a list', { ownerId: 'o', metadata: [] }],
    ['metadata that is null', { ownerId: 'o', metadata: null }],
    ['metadata over 16 KiB', { ownerId: 'o', metadata: { text: 'x'.repeat(16 * 1024) } }],
    ['metadata of more than 100 levels', { ownerId: 'o', metadata: { deep: nested(100) } }],
    ['metadata that no recursion gets through', { ownerId: 'o', metadata: { deep: nested(3000) } }],
    ['metadata that is not JSON', { ownerId: 'o', metadata: { big: 1n } }],
    ['metadata that turns into something else', { ownerId: 'o', metadata: { toJSON: () => 'text' } }],
    ['a column that is not the application’s to set', { ownerId: 'o', revokedAtMs: null }],
    ['a member that nobody knows', { ownerId: 'o', isAdmin: true }],
    ['a prototype from JSON', JSON.parse('{"ownerId":"o","__proto__":{"scopes":["*"]}}')],
  ])('refuses %s, and stores nothing', async (_, input) => {
    const { keys } = rig()
    await expect(keys.issue(input as unknown as NewApiKey)).rejects.toThrow(ConfigurationError)
    expect(await keys.list()).toEqual([])
  })

  test('what the application does with its own lists and data later does not reach the key', async () => {
    const { keys } = rig()
    const scopes = ['a:b', 'a:b', 'a:*']
    const metadata = { plan: { name: 'free' } }
    const { info } = await keys.issue({ ownerId: 'o', scopes, metadata })
    scopes.push('*')
    metadata.plan.name = 'paid'
    expect(await keys.get(info.id)).toMatchObject({ scopes: ['a:b', 'a:*'], metadata: { plan: { name: 'free' } } })
    expect(() => (info.scopes as string[]).push('*')).toThrow(TypeError)
  })

  test('metadata may hold any JSON, whatever its names', async () => {
    const { keys } = rig()
    const data = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 })
    await fc.assert(
      fc.asyncProperty(data, async (metadata) => {
        const { info } = await keys.issue({ ownerId: 'o', metadata })
        expect(info.metadata).toEqual(JSON.parse(JSON.stringify(metadata)))
      }),
    )
  })

  test('with a source of randomness of one’s own the keys are the same each time', async () => {
    const first = rig({ random: seeded() })
    const again = rig({ random: seeded() })
    const issued = [await first.keys.issue({ ownerId: 'o' }), await first.keys.issue({ ownerId: 'o' })]
    expect(issued[0]!.key).not.toBe(issued[1]!.key)
    expect((await again.keys.issue({ ownerId: 'o' })).key).toBe(issued[0]!.key)
  })

  test('an id that is taken is drawn again; a source that repeats itself is a misconfiguration', async () => {
    const { store, keys } = rig({ random: seeded() })
    const other = apiKeys({ store, prefix: 'acme', random: seeded() })
    const one = await keys.issue({ ownerId: 'o' })
    const two = await other.issue({ ownerId: 'o' })
    expect(one.info.id).not.toBe(two.info.id)
    // The very same key at the very same moment would be the same insert, sent again.
    let nowMs = Date.now()
    const stuck = apiKeys({ store, prefix: 'acme', random: (target) => target.fill(1), now: () => nowMs++ })
    await stuck.issue({ ownerId: 'o' })
    await expect(stuck.issue({ ownerId: 'o' })).rejects.toThrow(/"random" repeats itself/)
  })

  test('an issued key can have expired already where the clock is one’s own', async () => {
    let clock = Date.UTC(2020, 0, 1)
    const { keys } = rig({ now: () => clock })
    const { key } = await keys.issue({ ownerId: 'o', expiresAt: clock + 1 })
    clock += 1
    expect(await keys.verify(key)).toMatchObject({ isValid: false, reason: 'expired' })
  })
})

test('a union of scopes is held against what is issued', () => {
  type Scope = 'payments:read' | 'payments:write'
  const keys = apiKeys<Scope>({ store: memoryStore(), prefix: 'acme' })
  const good: NewApiKey<Scope> = { ownerId: 'o', scopes: ['payments:read', 'payments:*', '*'] }
  // @ts-expect-error: no such scope
  const bad: NewApiKey<Scope> = { ownerId: 'o', scopes: ['payments:raed'] }
  expectTypeOf(keys.issue).toBeCallableWith(good)
  expect(bad.scopes).not.toEqual(good.scopes)
})
