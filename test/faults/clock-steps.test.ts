import { apiKeys, memoryStore, sign, stripe, verify } from '@latchkey/core'
import { testClock } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const hour = 3600
/** By how much an operator, or a machine that comes back, sets the wall clock. */
const steps = [hour, -hour, 24 * hour, -24 * hour]

describe('whatever the wall clock is set to', () => {
  const set = () => {
    const clock = testClock()
    const store = memoryStore({ now: testClock().now })
    return { clock, keys: apiKeys({ store, prefix: 'acme', now: clock.now }) }
  }

  test.each(steps)('a revoked key stays revoked (%i s)', async (seconds) => {
    const { clock, keys } = set()
    const { key, info } = await keys.issue({ ownerId: 'org_1', expiresAt: clock.now() + 7 * 24 * hour * 1000 })
    await keys.revoke(info.id, 'leaked')
    clock.advanceSeconds(seconds)
    expect(await keys.verify(key)).toMatchObject({ isValid: false, reason: 'revoked' })
  })

  test('a key is good before its end and not from there on, also when its end comes twice', async () => {
    const { clock, keys } = set()
    const { key } = await keys.issue({ ownerId: 'org_1', expiresAt: clock.now() + hour * 1000 })
    const judged = async (seconds: number) => {
      clock.advanceSeconds(seconds)
      return (await keys.verify(key)).isValid
    }
    expect([await judged(0), await judged(24 * hour), await judged(-24 * hour), await judged(hour)]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  test('a key that is used after a step back is used at a later time than none, and its last use never goes back', async () => {
    const { clock, keys } = set()
    const { key, info } = await keys.issue({ ownerId: 'org_1' })
    const usedAt = async (seconds: number) => {
      clock.advanceSeconds(seconds)
      await keys.verify(key)
      await keys.flush()
      return (await keys.get(info.id))?.lastUsedAtMs
    }
    const first = await usedAt(hour)
    expect(first).toBeDefined()
    expect(await usedAt(-24 * hour)).toEqual(first)
  })

  test.each(steps)('a message of another time is refused, and one of this time is not (%i s)', async (seconds) => {
    const clock = testClock()
    const body = '{"type":"charge.succeeded"}'
    const sentAt = (timestampMs: number) => sign(stripe, { body, timestampMs }, 'whsec_test')
    const [before, scheme] = [sentAt(clock.now()), stripe({ secrets: ['whsec_test'] })]
    const isTaken = async (headers: Record<string, string>) =>
      (await verify(scheme, { headers, body }, { nowMs: clock.now() })).isValid
    expect(await isTaken(before)).toBe(true)
    clock.advanceSeconds(seconds)
    expect(await isTaken(before)).toBe(false)
    expect(await isTaken(sentAt(clock.now()))).toBe(true)
  })
})
