import { describe, expect, test } from 'vitest'
import { isPromise } from '../../deadline.js'
import { forgedKey } from '../guard-rig.js'
import type { KeyRecord } from '../store.js'
import { CheckRig, strangersKey } from '../verification/check-rig.test.kit.js'

describe('to identify a key', () => {
  test('is to know all about it but its digest', async () => {
    const rig = new CheckRig()
    const { key, info } = await rig.issue({ name: 'n', scopes: ['payments:*'] })
    expect(isPromise(rig.keys.identify(key))).toBe(false)
    expect(await rig.keys.identify(key)).toEqual(info)
    expect(await rig.keys.identify(key)).not.toHaveProperty('digest')
  })

  test('takes its secret, and whatever is no key of ours is nobody’s', async () => {
    const rig = new CheckRig()
    const { key, info } = await rig.issue()
    for (const other of [strangersKey(), forgedKey(info.id, 'live'), `${key}x`, '', 'acme_', undefined as never]) {
      expect(await rig.keys.identify(other)).toBeUndefined()
    }
  })

  test('works whatever has become of it', async () => {
    const rig = new CheckRig({}, { ownerStatus: () => 'suspended' })
    const expired = await rig.issue({ expiresAt: rig.nowMs + 1 })
    const disabled = await rig.issue()
    await rig.keys.disable(disabled.info.id)
    await rig.keys.revoke(disabled.info.id, 'lost')
    rig.advance(1)
    expect(await rig.keys.identify(expired.key)).toMatchObject({ id: expired.info.id })
    expect(await rig.keys.identify(disabled.key)).toMatchObject({ id: disabled.info.id, revocationReason: 'lost' })
  })

  test('is not to use it: nothing is counted, spent or noted', async () => {
    const rig = new CheckRig()
    const limits = { rateLimit: { limit: 1, windowSeconds: 60 }, quota: { remaining: 1 }, allowedIps: ['192.0.2.1'] }
    const { key, info } = await rig.issue(limits)
    const failureThrottle = { limit: 1, windowSeconds: 60 }
    for (let time = 0; time < 5; time++) {
      expect(await rig.keys.identify(key)).toMatchObject({ id: info.id, lastUsedAtMs: null })
      expect(await rig.keys.identify(strangersKey())).toBeUndefined()
    }
    await rig.keys.flush()
    expect(rig.calls.filter((call) => !['insert', 'find'].includes(call))).toEqual([])
    expect(rig.types()).toEqual(['api-key.issued'])
    expect(await rig.outcome(key, {}, { failureThrottle })).toBe('ok')
  })

  test('goes by what the key says of itself where its record says something else', async () => {
    const rig = new CheckRig()
    const { key, info } = await rig.issue()
    const find = rig.memory.find.bind(rig.memory)
    rig.memory.find = (id) => ({ ...find(id), id: 'Another0Id00' }) as KeyRecord
    expect(await rig.keys.identify(key)).toMatchObject({ id: info.id })
  })

  test('fails where the store does', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue()
    rig.fail('find')
    expect(() => rig.keys.identify(key)).toThrow('find is down')
  })
})
