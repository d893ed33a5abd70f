import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import type { ApiKeyPage } from './key-page.js'
import { LifeRig, start } from './life-rig.js'
import type { ApiKeyChanges } from './new-api-key.js'

describe('update', () => {
  test('changes what is named, and nothing else', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue({ name: 'old', scopes: ['a:b'], metadata: { plan: 'free' } })
    expect(await rig.keys.update(info.id, { name: 'new', expiresAt: start + 5000 })).toBe(true)
    expect(await rig.keys.get(info.id)).toEqual({ ...info, name: 'new', expiresAtMs: start + 5000 })
    await rig.keys.update(info.id, { name: null, scopes: ['*'], metadata: {}, expiresAt: null })
    expect(await rig.keys.get(info.id)).toEqual({ ...info, name: null, scopes: ['*'], metadata: {} })
    expect(await rig.reason(key)).toBe('valid')
  })

  test('leaves alone what is undefined', async () => {
    const rig = new LifeRig()
    const { info } = await rig.issue({ name: 'n' })
    expect(await rig.keys.update(info.id, { name: undefined } as unknown as ApiKeyChanges)).toBe(true)
    expect(await rig.keys.update(info.id, {})).toBe(true)
    expect(await rig.keys.get(info.id)).toEqual(info)
    expect(await rig.keys.update('0123456789AB', {})).toBe(false)
    expect(rig.types()).toEqual(['api-key.issued'])
  })

  test.each<[string, Record<string, unknown>]>([
    ['the owner', { ownerId: 'mallory' }],
    ['the environment', { environment: 'test' }],
    ['the revocation', { revokedAtMs: null }],
    ['the meter', { meterId: 'another' }],
    ['a scope that is none', { scopes: ['A'] }],
    ['a name that is none', { name: '' }],
    ['a prototype from JSON', JSON.parse('{"__proto__":{"scopes":["*"]}}')],
  ])('refuses %s', async (_, changes) => {
    const rig = new LifeRig()
    const { info } = await rig.issue()
    await expect(rig.keys.update(info.id, changes as ApiKeyChanges)).rejects.toThrow(ConfigurationError)
    expect(await rig.keys.get(info.id)).toEqual(info)
  })

  test('does not bring back a revoked key; a later end brings back one that has expired', async () => {
    const rig = new LifeRig()
    const revoked = await rig.issue()
    const expired = await rig.issue({ expiresAt: start + 1 })
    await rig.keys.revoke(revoked.info.id)
    rig.advance(1)
    for (const { info } of [revoked, expired]) {
      expect(await rig.keys.update(info.id, { expiresAt: rig.nowMs + 1000, scopes: ['*'] })).toBe(true)
    }
    expect(await rig.reason(revoked.key)).toBe('revoked')
    expect(await rig.reason(expired.key)).toBe('valid')
  })

  test('sets the quota of all keys that share it', async () => {
    const rig = new LifeRig()
    const old = await rig.issue({ quota: { remaining: 1 } })
    const { info } = await rig.keys.rotate(old.info.id)
    await rig.keys.update(info.id, { quota: { remaining: 9 } })
    expect(await rig.keys.get(old.info.id)).toMatchObject({ quota: { remaining: 9 } })
  })

  test('goes to no key under an id that is unknown, or that is none', async () => {
    const rig = new LifeRig()
    for (const id of ['0123456789AB', '', '__proto__', undefined as unknown as string]) {
      expect(await rig.keys.update(id, { name: 'n' })).toBe(false)
      expect(await rig.keys.remove(id)).toBe(false)
    }
  })
})

describe('the end of keys', () => {
  test('a removed key is unknown', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    expect(await rig.keys.remove(info.id)).toBe(true)
    expect(await rig.reason(key)).toBe('unknown')
    expect(await rig.keys.remove(info.id)).toBe(false)
  })

  test('all keys of an owner are revoked at once, and no other', async () => {
    const rig = new LifeRig()
    const mine = [await rig.issue(), await rig.issue({ environment: 'test' })]
    const other = await rig.issue({ ownerId: 'org_2' })
    const before = await rig.issue()
    await rig.keys.revoke(before.info.id, 'lost')
    const ids = await rig.keys.revokeAll('org_1', 'closed')
    expect(ids.toSorted()).toEqual(mine.map(({ info }) => info.id).toSorted())
    for (const { key } of mine) expect(await rig.reason(key)).toBe('revoked')
    expect(await rig.reason(other.key)).toBe('valid')
    expect(await rig.keys.get(before.info.id)).toMatchObject({ revocationReason: 'lost' })
    expect(await rig.keys.revokeAll('org_1')).toEqual([])
  })

  test.each(['', 'a\nb', undefined, 5])('no keys are revoked for the owner %j', async (ownerId) => {
    const rig = new LifeRig()
    const { info } = await rig.issue()
    await expect(rig.keys.revokeAll(ownerId as string)).rejects.toThrow(ConfigurationError)
    await expect(rig.keys.revokeAll('org_1', '\u0000')).rejects.toThrow(ConfigurationError)
    expect(await rig.keys.get(info.id)).toEqual(info)
  })

  test('the observer is told of each change, by name and without its value', async () => {
    const rig = new LifeRig()
    const { info } = await rig.issue()
    await rig.keys.update(info.id, { metadata: { note: 'private' }, name: 'n' })
    await rig.keys.revokeAll('org_1', 'closed')
    await rig.keys.remove(info.id)
    expect(rig.events.slice(1)).toEqual([
      { type: 'api-key.updated', keyId: info.id, changed: ['name', 'metadata'] },
      { type: 'api-key.revoked', keyId: info.id, reason: 'closed' },
      { type: 'api-key.removed', keyId: info.id },
    ])
  })
})

describe('the search for keys', () => {
  test('goes by owner, environment and a part of the name', async () => {
    const rig = new LifeRig()
    const live = await rig.issue({ name: 'ci main' })
    const sandbox = await rig.issue({ name: 'ci fork', environment: 'test' })
    await rig.issue({ name: 'CI' })
    await rig.issue({ ownerId: 'org_2', name: 'ci' })
    const ids = async (page: ApiKeyPage) => (await rig.keys.list(page)).map(({ id }) => id)
    expect(await ids({ ownerId: 'org_1', nameContains: 'ci' })).toEqual([live.info.id, sandbox.info.id].toSorted())
    expect(await ids({ environment: 'test' })).toEqual([sandbox.info.id])
    expect(await ids({ nameContains: '%' })).toEqual([])
  })

  test.each([{ environment: 'Live' }, { nameContains: '' }, { nameContains: 5 }, { name: 'ci' }])(
    'a page %j is refused',
    async (page) => {
      await expect(new LifeRig().keys.list(page as ApiKeyPage)).rejects.toThrow(ConfigurationError)
    },
  )
})
