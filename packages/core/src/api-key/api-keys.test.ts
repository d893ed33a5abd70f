import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { memoryStore } from '../stores/memory.js'
import { apiKeys } from './api-keys.js'
import type { ApiKeysOptions } from './api-keys-options.js'
import type { ApiKeyLifecycleEvent } from './events.js'

const now = Date.UTC(2026, 0, 1)

function rig(options: Partial<ApiKeysOptions> = {}) {
  const store = memoryStore()
  const events: ApiKeyLifecycleEvent[] = []
  const keys = apiKeys({ store, prefix: 'acme', now: () => now, observe: (event) => events.push(event), ...options })
  return { store, events, keys }
}

describe('the life of a key', () => {
  test('get and list show all but the digest', async () => {
    const { keys } = rig()
    const { info } = await keys.issue({ ownerId: 'org_1' })
    expect(await keys.get(info.id)).toEqual(info)
    expect(await keys.list()).toEqual([info])
    for (const secret of ['digest', 'algorithm', 'pepperId']) expect(info).not.toHaveProperty(secret)
  })

  test('list goes by owner, page by page', async () => {
    const { keys } = rig()
    for (let count = 0; count < 5; count++) await keys.issue({ ownerId: count % 2 === 0 ? 'even' : 'odd' })
    expect(await keys.list({ ownerId: 'odd' })).toHaveLength(2)
    const all = await keys.list()
    const page = await keys.list({ limit: 2 })
    const rest = await keys.list({ after: page[1]!.id })
    expect([...page, ...rest]).toEqual(all)
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted())
  })

  test.each([{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { after: 'x' }, { ownerId: '' }, { owner: 'o' }])(
    'a page %j is refused',
    async (page) => {
      await expect(rig().keys.list(page)).rejects.toThrow(ConfigurationError)
    },
  )

  test('the first revocation stands', async () => {
    let clock = now
    const { keys } = rig({ now: () => clock })
    const { info } = await keys.issue({ ownerId: 'o' })
    expect(await keys.revoke(info.id, 'lost')).toBe(true)
    clock += 1000
    expect(await keys.revoke(info.id, 'found')).toBe(true)
    expect(await keys.get(info.id)).toMatchObject({ revokedAtMs: now, revocationReason: 'lost' })
  })

  test('a disabled key can be enabled; a revoked one stays revoked', async () => {
    const { keys } = rig()
    const { key, info } = await keys.issue({ ownerId: 'o' })
    const reason = async () => {
      const verification = await keys.verify(key)
      return verification.isValid ? 'valid' : verification.reason
    }
    expect(await keys.disable(info.id)).toBe(true)
    expect(await reason()).toBe('disabled')
    expect(await keys.enable(info.id)).toBe(true)
    expect(await reason()).toBe('valid')
    await keys.revoke(info.id)
    expect(await keys.enable(info.id)).toBe(true)
    expect(await reason()).toBe('revoked')
  })

  test('there is no key under an id that is unknown, or that is none', async () => {
    const { keys } = rig()
    for (const id of ['0123456789AB', '', '__proto__', 'a\u0000', undefined as unknown as string]) {
      expect(await keys.get(id)).toBeUndefined()
      expect(await keys.revoke(id)).toBe(false)
      expect(await keys.disable(id)).toBe(false)
      expect(await keys.enable(id)).toBe(false)
    }
  })

  test('a reason is a line of text', async () => {
    const { keys } = rig()
    const { info } = await keys.issue({ ownerId: 'o' })
    await expect(keys.revoke(info.id, 'a\nb')).rejects.toThrow(ConfigurationError)
    expect(await keys.get(info.id)).toMatchObject({ revokedAtMs: null })
  })

  test('the observer is told of each change, and of no key', async () => {
    const { keys, events } = rig()
    const { key, info } = await keys.issue({ ownerId: 'o' })
    await keys.disable(info.id)
    await keys.enable(info.id)
    await keys.revoke(info.id, 'lost')
    await keys.revoke('0123456789AB')
    expect(events).toEqual([
      { type: 'api-key.issued', keyId: info.id, ownerId: 'o', environment: 'live' },
      { type: 'api-key.disabled', keyId: info.id },
      { type: 'api-key.enabled', keyId: info.id },
      { type: 'api-key.revoked', keyId: info.id, reason: 'lost' },
    ])
    expect(JSON.stringify(events)).not.toContain(key.slice(23))
  })
})

describe('options that stop the start', () => {
  const store = memoryStore()
  test.each<[string, Record<string, unknown>]>([
    ['no prefix', { store }],
    ['a prefix that is none', { store, prefix: 'Acme' }],
    ['a former prefix that is none', { store, prefix: 'acme', formerPrefixes: ['a-b'] }],
    ['no store', { prefix: 'acme' }],
    ['a store without keys', { store: { idempotency: store.idempotency }, prefix: 'acme' }],
    ['the part in place of the store', { store: store.keys, prefix: 'acme' }],
    ['no environment', { store, prefix: 'acme', environments: [] }],
    ['an environment that is none', { store, prefix: 'acme', environments: ['Live'] }],
    ['a pepper that is too short', { store, prefix: 'acme', peppers: { current: 'p', secrets: { p: 'short' } } }],
    ['peppers that are none', { store, prefix: 'acme', peppers: 'p'.repeat(32) }],
    ['a clock that is none', { store, prefix: 'acme', now: 5 }],
    ['a misspelt option', { store, prefix: 'acme', pepper: {} }],
  ])('%s', (_, options) => {
    expect(() => apiKeys(options as unknown as ApiKeysOptions)).toThrow(ConfigurationError)
  })
})
