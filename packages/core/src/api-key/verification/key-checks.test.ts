import { describe, expect, test } from 'vitest'
import { start } from '../lifecycle/life-rig.js'
import { CheckRig, CorruptRig, strangersKey } from './check-rig.test.kit.js'

const tight = { rateLimit: { limit: 1, windowSeconds: 60 }, quota: { remaining: 1 } }

describe('the order of the checks', () => {
  /** Everything stands against the key at once; each step takes the first away. */
  test('is disabled, suspended, expired, idle, environment, address, rate, scopes, quota, and revoked before all', async () => {
    let status: 'active' | 'suspended' = 'suspended'
    const rig = new CheckRig(
      { environment: 'test', scopes: ['payments:write'] },
      { ownerStatus: () => status, environments: ['live', 'test'] },
    )
    const { key, info } = await rig.issue({ ...tight, idleSeconds: 120, allowedIps: ['192.0.2.9'] })
    await rig.keys.update(info.id, { expiresAt: start + 1 })
    await rig.keys.disable(info.id)
    rig.advance(3600)
    const step = async (asked = {}, options = {}) => {
      await rig.ask(key, asked, options)
      const [last] = rig.told.filter(({ type }) => type === 'api-key.refused').slice(-1)
      return (last as { reason: string }).reason
    }
    const live = { environment: 'live' }
    const there = { remoteAddress: '192.0.2.9' }
    expect(await step()).toBe('disabled')
    await rig.keys.enable(info.id)
    expect(await step()).toBe('owner-suspended')
    status = 'active'
    expect(await step()).toBe('expired')
    await rig.keys.update(info.id, { expiresAt: null })
    expect(await step()).toBe('idle')
    await rig.keys.update(info.id, { idleSeconds: null })
    expect(await step()).toBe('environment-mismatch')
    expect(await step({}, live)).toBe('ip-not-allowed')
    expect(rig.count('count')).toBe(0)
    expect(await step(there, live)).toBe('insufficient-scope')
    expect(await step(there, live)).toBe('rate-limited')
    rig.advance(60)
    expect(rig.count('spend')).toBe(0)
    const enough = { ...live, scopes: [] }
    expect(await rig.outcome(key, there, enough)).toBe('ok')
    rig.advance(60)
    expect(await step(there, enough)).toBe('quota-exceeded')
    await rig.keys.disable(info.id)
    await rig.keys.revoke(info.id)
    expect(await step(there, enough)).toBe('revoked')
  })

  test('costs one call of the store without limits, and one more for each of them', async () => {
    const rig = new CheckRig()
    const plain = await rig.issue()
    const limited = await rig.issue(tight)
    const before = rig.calls.length
    await rig.ask(plain.key)
    expect(rig.calls.slice(before).filter((call) => call !== 'touch')).toEqual(['find'])
    const between = rig.calls.length
    await rig.ask(limited.key)
    expect(rig.calls.slice(between).filter((call) => call !== 'touch')).toEqual(['find', 'count', 'spend'])
  })
})

describe('an idle key', () => {
  test('is refused as one that has expired, and says the same every time', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ idleSeconds: 120 })
    rig.advance(119)
    expect(await rig.outcome(key)).toBe('ok')
    rig.advance(120)
    const [one, ...others] = [await rig.refused(key), await rig.refused(key), await rig.refused(key)]
    expect(one).toMatchObject({ status: 401, code: 'api-key-expired' })
    expect(others).toEqual([one, one])
    expect(rig.told.at(-1)).toMatchObject({ reason: 'idle' })
  })

  test('is none that is in steady use, although a use is written once a minute', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ idleSeconds: 120 })
    for (let use = 0; use < 30; use++) {
      rig.advance(59)
      expect(await rig.outcome(key)).toBe('ok')
    }
    expect(rig.count('touch')).toBeLessThan(30)
  })

  test('is none that is in steady use, although no use of it can be written', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ idleSeconds: 120 })
    rig.fail('touch')
    for (let use = 0; use < 10; use++) {
      rig.advance(59)
      expect(await rig.outcome(key)).toBe('ok')
    }
  })

  test('is not kept alive by requests that are refused', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ idleSeconds: 120 })
    for (const seconds of [60, 59]) {
      rig.advance(seconds)
      expect(await rig.outcome(key, {}, { environment: 'test' })).toBe('api-key-environment-mismatch')
    }
    rig.advance(1)
    expect(await rig.outcome(key)).toBe('api-key-expired')
  })

  test.each([
    ['lastUsedAtMs', Number.NaN],
    ['lastUsedAtMs', String(start)],
    ['lastUsedAtMs', Number.POSITIVE_INFINITY],
    ['createdAtMs', 'long ago'],
    ['createdAtMs', undefined],
    ['idleSeconds', Number.NaN],
    ['idleSeconds', '120'],
    ['idleSeconds', undefined],
    ['expiresAtMs', String(start + 1_000_000)],
  ])('is one whose %s is %s', async (column, value) => {
    const rig = new CorruptRig({ [column]: value })
    const { key } = await rig.issue({ idleSeconds: 120 })
    expect(['idle', 'expired']).toContain(await rig.reason(key))
  })
})

describe('a key that is bound to addresses', () => {
  test('is let in from there and from nowhere else, and nobody is told the address', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ allowedIps: ['192.0.2.7', '192.0.2.8'] })
    expect(await rig.outcome(key, { remoteAddress: '192.0.2.8' })).toBe('ok')
    const refused = await rig.refused(key, { remoteAddress: '198.51.100.77' })
    expect(refused).toMatchObject({ status: 403, code: 'api-key-ip-not-allowed', challenge: undefined })
    expect(JSON.stringify(refused)).not.toMatch(/198\.51|192\.0/)
  })

  test.each([undefined, '', 'unknown'])('is not let in from an address that is %j', async (remoteAddress) => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ allowedIps: ['192.0.2.7'] })
    expect(await rig.outcome(key, { remoteAddress })).toBe('api-key-ip-not-allowed')
  })

  test('is refused by verify where no origin is given', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ allowedIps: ['192.0.2.7'] })
    expect(await rig.reason(key)).toBe('ip-not-allowed')
    expect(await rig.keys.verify(key, {}, { remoteAddress: '192.0.2.7' })).toMatchObject({ isValid: true })
  })

  test('cannot be judged where nobody knows addresses', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ allowedIps: ['192.0.2.7'] })
    const keys = rig.process({ addresses: undefined as never })
    expect(await rig.refused(key, {}, { keys })).toMatchObject({ status: 503, code: 'api-key-store-unavailable' })
  })

  test('is looked at only when it is: no address is resolved for another', async () => {
    const rig = new CheckRig({ failureThrottle: false })
    const { key } = await rig.issue()
    const origin = {
      get remoteAddress(): string {
        throw new Error('resolved')
      },
    }
    expect(await rig.keys.verify(key, {}, origin)).toMatchObject({ isValid: true })
  })
})

describe('the status of the owner', () => {
  test('is asked for proven keys alone, and a suspended one disables the key', async () => {
    const asked: string[] = []
    const ownerStatus = async (ownerId: string) => {
      asked.push(ownerId)
      return ownerId === 'bad' ? ('suspended' as const) : ('active' as const)
    }
    const rig = new CheckRig({}, { ownerStatus })
    const good = await rig.issue({ ownerId: 'good' })
    const bad = await rig.issue({ ownerId: 'bad' })
    expect(await rig.outcome(good.key)).toBe('ok')
    expect(await rig.refused(bad.key)).toMatchObject({ status: 401, code: 'api-key-disabled' })
    expect(await rig.outcome(strangersKey())).toBe('api-key-invalid')
    expect(asked).toEqual(['good', 'bad'])
    const hidden = await rig.refused(bad.key, {}, { revealReason: false })
    expect(hidden).toEqual(await rig.refused(strangersKey(), {}, { revealReason: false }))
  })

  test.each([
    ['fails', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['is late', () => new Promise(() => {})],
    ['is neither', () => 'maybe'],
    ['is nothing', () => undefined],
  ])('that %s is 503', async (_, ownerStatus) => {
    const rig = new CheckRig({ storeTimeoutSeconds: 0.02 }, { ownerStatus: ownerStatus as never })
    const { key } = await rig.issue(tight)
    expect(await rig.refused(key)).toMatchObject({ status: 503, code: 'api-key-store-unavailable' })
    expect([rig.count('count'), rig.count('spend')]).toEqual([0, 0])
  })
})
