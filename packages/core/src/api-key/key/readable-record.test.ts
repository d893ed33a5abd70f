import { describe, expect, test } from 'vitest'
import { CorruptRig } from '../verification/check-rig.test.kit.js'

describe('limits that cannot be read', () => {
  test.each([
    { allowedIps: '192.0.2.7' },
    { allowedIps: [7] },
    { allowedIps: undefined },
    { rateLimit: undefined },
    { rateLimit: {} },
    { rateLimit: { limit: 0, windowSeconds: 60 } },
    { rateLimit: { limit: '1', windowSeconds: 60 } },
    { rateLimit: { limit: 1, windowSeconds: Number.NaN } },
    { quota: undefined },
    { quota: 5 },
    { quota: { remaining: 1, refill: { amount: 0, everySeconds: 1 }, refillAtMs: 1 } },
    { quota: { remaining: 1, refill: null, refillAtMs: null }, meterId: '' },
  ])('deny: %j', async (columns) => {
    const rig = new CorruptRig(columns)
    const { key } = await rig.issue()
    expect(await rig.reason(key)).toBe('corrupt')
  })
})
