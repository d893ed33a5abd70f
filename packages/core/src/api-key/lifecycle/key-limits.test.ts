import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import type { AddressMatcher } from '../addresses.js'
import { LifeRig, start } from './life-rig.js'
import { ApiKeyLifecycleError } from './lifecycle-error.js'
import type { ApiKeyChanges, NewApiKey } from './new-api-key.js'

/** Knows the addresses of one network, written in one way. */
const addresses: AddressMatcher = {
  isRange: (text) => /^192\.0\.2\.\d+(\/\d+)?$/.test(text),
  isWithin: (address, ranges) => ranges.includes(address),
}

const allowedIps = ['192.0.2.0/24', '192.0.2.1', '192.0.2.1']
const everySeconds = 3600
const limits: ApiKeyChanges = {
  allowedIps,
  rateLimit: { limit: 10, windowSeconds: 60 },
  quota: { remaining: 5, refill: { amount: 100, everySeconds } },
  idleSeconds: 120,
}
const stored = {
  allowedIps: ['192.0.2.0/24', '192.0.2.1'],
  rateLimit: { limit: 10, windowSeconds: 60 },
  quota: { remaining: 5, refill: { amount: 100, everySeconds }, refillAtMs: start + everySeconds * 1000 },
  idleSeconds: 120,
}

const misfits: [string, Record<string, unknown>][] = [
  ['a range that is none', { allowedIps: ['192.0.2.0/24', 'everywhere'] }],
  ['no ranges', { allowedIps: [] }],
  ['a range that is no list', { allowedIps: '192.0.2.1' }],
  ['ranges that are no texts', { allowedIps: [1] }],
  ['too many ranges', { allowedIps: Array.from({ length: 257 }, () => '192.0.2.1') }],
  ['a limit of nothing', { rateLimit: { limit: 0, windowSeconds: 1 } }],
  ['half a request', { rateLimit: { limit: 0.5, windowSeconds: 1 } }],
  ['a limit without a window', { rateLimit: { limit: 1 } }],
  ['a window of nothing', { rateLimit: { limit: 1, windowSeconds: 0 } }],
  ['a window over a day', { rateLimit: { limit: 1, windowSeconds: 86_401 } }],
  ['a limit that is no number', { rateLimit: { limit: '1', windowSeconds: 1 } }],
  ['a limit with more to it', { rateLimit: { limit: 1, windowSeconds: 1, burst: 2 } }],
  ['a limit that is a number', { rateLimit: 5 }],
  ['a limit that is a list', { rateLimit: [1, 1] }],
  ['a quota below nothing', { quota: { remaining: -1 } }],
  ['a quota of no number', { quota: { remaining: Number.NaN } }],
  ['an endless quota', { quota: { remaining: Number.POSITIVE_INFINITY } }],
  ['an empty quota', { quota: {} }],
  ['a refill of nothing', { quota: { remaining: 1, refill: { amount: 0, everySeconds: 1 } } }],
  ['a refill all the time', { quota: { remaining: 1, refill: { amount: 1, everySeconds: 0 } } }],
  ['a refill without a time', { quota: { remaining: 1, refill: { amount: 1 } } }],
  ['a refill that the store sets', { quota: { remaining: 1, refillAtMs: 5 } }],
  ['an idle time below two minutes', { idleSeconds: 119 }],
  ['an idle time of nothing', { idleSeconds: 0 }],
  ['half a second of idle time', { idleSeconds: 120.5 }],
  ['an idle time that is a text', { idleSeconds: '120' }],
  ['an end that is a text', { expiresAt: 'soon' }],
  ['an end in the past', { expiresAt: start - 1 }],
  ['an end that is no time', { expiresAt: new Date(Number.NaN) }],
  ['a negative end', { expiresAt: -1 }],
]

describe('limits of a key', () => {
  test('are kept as they were given', async () => {
    const rig = new LifeRig({ addresses })
    expect((await rig.issue(limits)).info).toMatchObject(stored)
    expect((await rig.issue({ quota: { remaining: 0, refill: null } })).info).toMatchObject({
      quota: { remaining: 0, refill: null, refillAtMs: null },
    })
  })

  test('are none unless they are given', async () => {
    const none = { allowedIps: null, rateLimit: null, quota: null, idleSeconds: null }
    const rig = new LifeRig()
    expect((await rig.issue()).info).toMatchObject(none)
    expect((await rig.issue(none)).info).toMatchObject(none)
  })

  test('can be changed and taken away', async () => {
    const rig = new LifeRig({ addresses })
    const { info } = await rig.issue()
    expect(await rig.keys.update(info.id, limits)).toBe(true)
    expect(await rig.keys.get(info.id)).toEqual({ ...info, ...stored })
    await rig.keys.update(info.id, { allowedIps: null, rateLimit: null, quota: null, idleSeconds: null })
    expect(await rig.keys.get(info.id)).toEqual(info)
  })

  test.each(misfits)('%s is refused, of a new key and of one that is there', async (_, misfit) => {
    const rig = new LifeRig({ addresses })
    const { info } = await rig.issue()
    await expect(rig.issue(misfit as Partial<NewApiKey>)).rejects.toThrow(ConfigurationError)
    await expect(rig.keys.update(info.id, misfit as ApiKeyChanges)).rejects.toThrow(ConfigurationError)
    expect(await rig.keys.list()).toEqual([info])
  })

  test('name where they stand', async () => {
    const misfit = { quota: { remaining: 1, refill: { amount: 1, everySeconds: 0.5 } } }
    await expect(new LifeRig().issue(misfit)).rejects.toThrow(/^issue: quota: refill: "everySeconds" must be/)
  })

  test('allowed addresses need somebody who knows addresses, and the message says so', async () => {
    await expect(new LifeRig().issue({ allowedIps: ['192.0.2.1'] })).rejects.toThrow(/"addresses" must be set/)
  })
})

describe('the number of active keys of an owner', () => {
  const fault = (work: Promise<unknown>) =>
    work.then(
      () => 'ok',
      (error: unknown) => (error as ApiKeyLifecycleError).fault,
    )

  test('is bounded, and the error says what it is', async () => {
    const rig = new LifeRig({ maxActiveKeys: 2 })
    await rig.issue()
    const { info } = await rig.issue()
    await expect(rig.issue()).rejects.toThrow(ApiKeyLifecycleError)
    expect(await fault(rig.issue())).toBe('too-many-keys')
    expect(await fault(rig.issue({ ownerId: 'org_2' }))).toBe('ok')
    await rig.keys.revoke(info.id)
    expect(await fault(rig.issue())).toBe('ok')
  })

  test('does not count keys that have expired', async () => {
    const rig = new LifeRig({ maxActiveKeys: 1 })
    await rig.issue({ expiresAt: start + 1000 })
    rig.advance(1)
    expect(await fault(rig.issue())).toBe('ok')
  })

  test('can be asked for each owner', async () => {
    const rig = new LifeRig({ maxActiveKeys: async (ownerId) => (ownerId === 'free' ? 0 : undefined) })
    expect(await fault(rig.issue({ ownerId: 'free' }))).toBe('too-many-keys')
    expect(await fault(rig.issue({ ownerId: 'paying' }))).toBe('ok')
    const wrong = new LifeRig({ maxActiveKeys: () => Number.NaN })
    await expect(wrong.issue()).rejects.toThrow(ConfigurationError)
  })

  test('does not prevent a rotation', async () => {
    const rig = new LifeRig({ maxActiveKeys: 1 })
    const { info } = await rig.issue()
    expect(await fault(rig.keys.rotate(info.id))).toBe('ok')
    expect(await fault(rig.issue())).toBe('too-many-keys')
  })
})
