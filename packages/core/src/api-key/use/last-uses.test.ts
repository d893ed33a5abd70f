import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LifeRig, start } from '../lifecycle/life-rig.js'
import type { KeyRecord } from '../store.js'
import { BackgroundWrites } from './background-writes.js'
import { LastUses } from './last-uses.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

async function usedAt(rig: LifeRig, id: string): Promise<number | null | undefined> {
  return (await rig.keys.get(id))?.lastUsedAtMs
}

describe('the time of last use', () => {
  test('is written at the first use, and then at most once a minute', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    await rig.keys.verify(key)
    expect(await usedAt(rig, info.id)).toBe(start)
    for (let second = 0; second < 59; second++) {
      rig.advance(1)
      await rig.keys.verify(key)
    }
    expect(rig.count('touch')).toBe(1)
    rig.advance(1)
    await rig.keys.verify(key)
    expect(rig.count('touch')).toBe(2)
    expect(await usedAt(rig, info.id)).toBe(start + 60_000)
  })

  test('is written once a minute by all processes together', async () => {
    const rig = new LifeRig()
    const { key } = await rig.issue()
    const processes = [rig.keys, rig.process(), rig.process()]
    for (let second = 0; second < 120; second++) {
      for (const keys of processes) await keys.verify(key)
      rig.advance(1)
    }
    expect(rig.count('touch')).toBe(2)
    expect(rig.types().filter((type) => type === 'api-key.used')).toHaveLength(2)
  })

  test('is right in the end, though the last use came soon after the last write', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    await rig.keys.verify(key)
    rig.advance(59)
    await rig.keys.verify(key)
    rig.advance(1)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await usedAt(rig, info.id)).toBe(start + 59_000)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(rig.count('touch')).toBe(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is written by flush, also of many keys', async () => {
    const rig = new LifeRig()
    const issued = await Promise.all(Array.from({ length: 1200 }, () => rig.issue()))
    const open = rig.hold('touch')
    for (const { key } of issued) await rig.keys.verify(key)
    expect(rig.count('touch')).toBe(1000)
    open()
    rig.advance(1)
    for (const { key } of issued) await rig.keys.verify(key)
    await rig.keys.flush()
    const times = await Promise.all(issued.map(({ info }) => usedAt(rig, info.id)))
    expect(new Set(times)).toEqual(new Set([start + 1000]))
  })

  test('never goes back, whichever process is late', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    const open = rig.hold('touch')
    await rig.keys.verify(key)
    open()
    rig.memory.touch(info.id, start + 5000)
    await rig.keys.flush()
    expect(await usedAt(rig, info.id)).toBe(start + 5000)
  })

  test('that cannot be written fails no request, and is written by the next use', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    rig.fail('touch')
    expect(await rig.reason(key)).toBe('valid')
    await expect(rig.keys.flush()).resolves.toBeUndefined()
    expect(rig.events.at(-1)).toMatchObject({ type: 'api-key.write_failed', keyId: info.id })
    rig.fail('touch', false)
    expect(await rig.reason(key)).toBe('valid')
    expect(await usedAt(rig, info.id)).toBe(start)
  })

  test('that hangs holds no request back, and is given up', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    const open = rig.hold('touch')
    expect(await rig.reason(key)).toBe('valid')
    expect(await rig.reason(key)).toBe('valid')
    expect(rig.count('touch')).toBe(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(rig.events.at(-1)).toMatchObject({ type: 'api-key.write_failed', keyId: info.id })
    open()
  })

  test('leaves a key that is revoked meanwhile revoked', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    const open = rig.hold('touch')
    expect(await rig.reason(key)).toBe('valid')
    await rig.keys.revoke(info.id, 'lost')
    open()
    await rig.keys.flush()
    expect(await rig.keys.get(info.id)).toMatchObject({ revokedAtMs: start, lastUsedAtMs: start })
    expect(await rig.reason(key)).toBe('revoked')
  })

  test('is not touched by a key that is refused, whatever it is refused for', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue({ expiresAt: start + 1000 })
    rig.advance(1)
    expect(await rig.reason(key)).toBe('expired')
    expect(await rig.reason(key)).toBe('expired')
    await rig.keys.revoke(info.id)
    expect(await rig.reason(key)).toBe('revoked')
    await rig.keys.flush()
    expect(rig.count('touch')).toBe(0)
  })
})

describe('an idle time', () => {
  const rotates = (rig: LifeRig, id: string) =>
    rig.keys.rotate(id).then(
      () => true,
      () => false,
    )

  test('counts from the last use, though that is not yet written', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue({ idleSeconds: 120 })
    await rig.keys.verify(key)
    rig.advance(59)
    await rig.keys.verify(key)
    rig.advance(119)
    expect(rig.count('touch')).toBe(1)
    expect(await rotates(rig, info.id)).toBe(true)
  })

  test('counts from the last use in another process, which has written it in time', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue({ idleSeconds: 120 })
    await rig.keys.verify(key)
    rig.advance(1)
    await rig.process().verify(key)
    rig.advance(74)
    await vi.advanceTimersByTimeAsync(75_000)
    rig.advance(45)
    expect(await rotates(rig, info.id)).toBe(true)
  })

  test('is over to the second', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue({ idleSeconds: 120 })
    await rig.keys.verify(key)
    rig.advance(120)
    expect(await rotates(rig, info.id)).toBe(false)
  })
})

test('of more keys than it remembers the oldest are forgotten', () => {
  const uses = new LastUses(
    new BackgroundWrites(),
    () => true,
    () => undefined,
    () => start,
  )
  const known = { lastUsedAtMs: start - 1, rotatedFrom: null }
  const keyAt = (number: number) => ({ ...known, id: `key ${number}` }) as KeyRecord
  for (let number = 0; number <= 100_000; number++) uses.note(keyAt(number), start)
  expect(uses.latest(keyAt(0))).toBe(start - 1)
  expect(uses.latest(keyAt(1001))).toBe(start)
})
