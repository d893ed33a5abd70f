import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import { LifeRig, start } from './life-rig.js'
import { ApiKeyLifecycleError } from './lifecycle-error.js'
import type { RotationOptions } from './rotation.js'

const day = 86_400

function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    (error: unknown) => (error instanceof ApiKeyLifecycleError ? error.fault : String(error)),
  )
}

describe('rotation', () => {
  test('hands out a new key that has all that the old one has', async () => {
    const rig = new LifeRig()
    const granted = { scopes: ['a:b'], name: 'n', metadata: { plan: 'free' }, environment: 'test', idleSeconds: 300 }
    const limited = { rateLimit: { limit: 5, windowSeconds: 60 }, quota: { remaining: 7 } }
    const old = await rig.issue({ ...granted, ...limited })
    const { key, info } = await rig.keys.rotate(old.info.id)
    expect(key).toMatch(/^acme_test_/)
    expect(await rig.keys.get(info.id)).toEqual(info)
    const { id, display, rotatedFrom, createdAtMs, ...rest } = info
    const { id: _id, display: _display, rotatedFrom: _from, createdAtMs: _created, ...before } = old.info
    expect(rest).toEqual(before)
    expect({ rotatedFrom, meterId: info.meterId, createdAtMs }).toEqual({
      rotatedFrom: old.info.id,
      meterId: old.info.id,
      createdAtMs: start,
    })
    expect(display).toBe(`acme_test_${id}_…`)
    expect(await rig.keys.get(old.info.id)).toMatchObject({ rotatedTo: id, expiresAtMs: start + day * 1000 })
    expect(await rig.reason(key)).toBe('valid')
    expect(await rig.reason(old.key)).toBe('valid')
  })

  test('lets both keys spend one quota', async () => {
    const rig = new LifeRig()
    const old = await rig.issue({ quota: { remaining: 2 } })
    const { info } = await rig.keys.rotate(old.info.id)
    rig.memory.spend(info.meterId, start)
    expect(await rig.keys.get(old.info.id)).toMatchObject({ quota: { remaining: 1 } })
    expect(await rig.keys.get(info.id)).toMatchObject({ quota: { remaining: 1 } })
  })

  test('gives the old key a day, and then it is over', async () => {
    const rig = new LifeRig()
    const old = await rig.issue()
    await rig.keys.rotate(old.info.id)
    rig.advance(day - 0.001)
    expect(await rig.reason(old.key)).toBe('valid')
    rig.advance(0.001)
    expect(await rig.reason(old.key)).toBe('expired')
    rig.advance(day)
    expect(await rig.reason(old.key)).toBe('expired')
  })

  test('without a grace ends the old key at once', async () => {
    const rig = new LifeRig()
    const old = await rig.issue()
    const { key } = await rig.keys.rotate(old.info.id, { graceSeconds: 0 })
    expect(await rig.reason(old.key)).toBe('expired')
    expect(await rig.reason(key)).toBe('valid')
  })

  test('never extends the old key', async () => {
    const rig = new LifeRig()
    const old = await rig.issue({ expiresAt: start + 5000 })
    await rig.keys.rotate(old.info.id, { graceSeconds: 3600 })
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: start + 5000 })
  })

  test('gives the new key as long a life as the old one had, or the one that it is told', async () => {
    const rig = new LifeRig()
    const old = await rig.issue({ expiresAt: start + 100_000 })
    rig.advance(60)
    const next = await rig.keys.rotate(old.info.id)
    expect(next.info.expiresAtMs).toBe(rig.nowMs + 100_000)
    const last = await rig.keys.rotate(next.info.id, { expiresAt: new Date(rig.nowMs + 1) })
    expect(last.info.expiresAtMs).toBe(rig.nowMs + 1)
    const endless = await rig.keys.rotate(last.info.id, { expiresAt: null })
    expect(endless.info.expiresAtMs).toBeNull()
  })

  test('leaves a disabled key disabled, and its successor with it', async () => {
    const rig = new LifeRig()
    const old = await rig.issue()
    await rig.keys.disable(old.info.id)
    const { key, info } = await rig.keys.rotate(old.info.id)
    expect(info.disabledAtMs).toBe(start)
    expect(await rig.reason(key)).toBe('disabled')
    expect(await rig.reason(old.key)).toBe('disabled')
    await rig.keys.enable(info.id)
    expect(await rig.reason(key)).toBe('valid')
    expect(await rig.reason(old.key)).toBe('disabled')
  })

  test('goes on from key to key', async () => {
    const rig = new LifeRig()
    const first = await rig.issue()
    const second = await rig.keys.rotate(first.info.id)
    const third = await rig.keys.rotate(second.info.id)
    expect(third.info).toMatchObject({ rotatedFrom: second.info.id, meterId: first.info.id })
    expect(await rig.keys.get(second.info.id)).toMatchObject({ rotatedFrom: first.info.id, rotatedTo: third.info.id })
    for (const { key } of [first, second, third]) expect(await rig.reason(key)).toBe('valid')
  })

  test('makes keys under the prefix that new keys have now, in the environment of the old one', async () => {
    const rig = new LifeRig()
    const old = await rig.issue()
    const later = rig.process({ prefix: 'my_app_v2', formerPrefixes: ['acme'], environments: ['prod'] })
    const { key } = await later.rotate(old.info.id)
    expect(key).toMatch(/^my_app_v2_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
    expect(await rig.reason(key, later)).toBe('valid')
    expect(await rig.reason(old.key, later)).toBe('valid')
  })

  test('is refused for a key that is revoked, expired, idle, rotated, or not there', async () => {
    const rig = new LifeRig()
    const revoked = await rig.issue()
    const expired = await rig.issue({ expiresAt: start + 1000 })
    const idle = await rig.issue({ idleSeconds: 120 })
    const rotated = await rig.issue()
    await rig.keys.revoke(revoked.info.id)
    await rig.keys.rotate(rotated.info.id)
    rig.advance(120)
    const ids = { revoked, expired, idle, rotated }
    const refusals = await Promise.all(Object.values(ids).map(({ info }) => refusal(rig.keys.rotate(info.id))))
    expect(refusals).toEqual(['revoked', 'expired', 'expired', 'rotated'])
    for (const id of ['0123456789AB', '', '__proto__', undefined as unknown as string]) {
      expect(await refusal(rig.keys.rotate(id))).toBe('absent')
    }
    expect(rig.types().filter((type) => type === 'api-key.rotated')).toHaveLength(1)
  })

  test('of many rotations of one key at once one succeeds', async () => {
    const rig = new LifeRig()
    const old = await rig.issue()
    const open = rig.hold('rotate')
    const all = Promise.all(Array.from({ length: 20 }, () => refusal(rig.keys.rotate(old.info.id))))
    open()
    expect((await all).toSorted()).toEqual(['ok', ...Array.from({ length: 19 }, () => 'rotated')])
    expect(await rig.keys.list()).toHaveLength(2)
  })

  test.each<[string, Record<string, unknown>]>([
    ['a negative grace', { graceSeconds: -1 }],
    ['half a second', { graceSeconds: 0.5 }],
    ['a grace over 90 days', { graceSeconds: 90 * day + 1 }],
    ['a grace that is no number', { graceSeconds: '60' }],
    ['a beginning that is none', { graceFrom: 'later' }],
    ['an end in the past', { expiresAt: start }],
    ['an end that is a text', { expiresAt: 'soon' }],
    ['an end that is no time', { expiresAt: Number.NaN }],
    ['scopes', { scopes: ['*'] }],
  ])('refuses %s, and changes nothing', async (_, options) => {
    const rig = new LifeRig()
    const { info } = await rig.issue()
    await expect(rig.keys.rotate(info.id, options as RotationOptions)).rejects.toThrow(ConfigurationError)
    expect(await rig.keys.list()).toEqual([info])
  })

  test('an id that is taken is drawn again; a source that repeats itself is a misconfiguration', async () => {
    const rig = new LifeRig({ random: (target) => target.fill(1) })
    const { info } = await rig.issue()
    await expect(rig.keys.rotate(info.id)).rejects.toThrow(/"random" repeats itself/)
    expect(await rig.keys.get(info.id)).toEqual(info)
  })

  test('tells the observer, and the observer hears when the old key is still in use', async () => {
    const rig = new LifeRig()
    const old = await rig.issue()
    const { key, info } = await rig.keys.rotate(old.info.id)
    await rig.keys.verify(old.key)
    await rig.keys.verify(old.key)
    const common = { keyId: old.info.id, ownerId: 'org_1' }
    expect(rig.events.slice(1)).toEqual([
      { type: 'api-key.rotated', ...common, rotatedTo: info.id, environment: 'live' },
      { type: 'api-key.used', ...common, environment: 'live' },
      { type: 'api-key.rotated_key_used', ...common, rotatedTo: info.id },
      { type: 'api-key.expiring', ...common, expiresAtMs: start + day * 1000 },
    ])
    for (const secret of [key.slice(-49), old.key.slice(-49)]) expect(JSON.stringify(rig.events)).not.toContain(secret)
  })
})
