import { describe, expect, test } from 'vitest'
import { LifeRig, start } from '../lifecycle/life-rig.js'

async function rotated(rig: LifeRig, graceSeconds = 100) {
  const old = await rig.issue()
  const next = await rig.keys.rotate(old.info.id, { graceFrom: 'first-use', graceSeconds })
  return { old, next }
}

describe('a grace that begins at the first use', () => {
  test('leaves the old key as it is until then, and ends it so many seconds later', async () => {
    const rig = new LifeRig()
    const { old, next } = await rotated(rig)
    rig.advance(1_000_000)
    expect(await rig.reason(old.key)).toBe('valid')
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: null, rotatedTo: next.info.id })
    expect(await rig.reason(next.key)).toBe('valid')
    await rig.keys.flush()
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: rig.nowMs + 100_000 })
    rig.advance(99.999)
    expect(await rig.reason(old.key)).toBe('valid')
    rig.advance(0.001)
    expect(await rig.reason(old.key)).toBe('expired')
  })

  test('begins with the earlier of two uses in two processes at once', async () => {
    const rig = new LifeRig()
    const other = rig.process()
    const { old, next } = await rotated(rig)
    const open = rig.hold('shorten')
    const first = rig.nowMs
    expect(await rig.reason(next.key)).toBe('valid')
    rig.advance(30)
    expect(await rig.reason(next.key, other)).toBe('valid')
    open()
    await Promise.all([rig.keys.flush(), other.flush()])
    expect(rig.count('shorten')).toBe(2)
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: first + 100_000 })
  })

  test('is settled once, however often the new key is used', async () => {
    const rig = new LifeRig()
    const { next } = await rotated(rig)
    for (let use = 0; use < 10; use++) {
      await rig.keys.verify(next.key)
      await rig.keys.flush()
      rig.advance(59)
    }
    expect(rig.count('shorten')).toBe(1)
  })

  test('is settled by a later use where the store failed, or the process ended in between, and no request fails', async () => {
    const rig = new LifeRig()
    const { old, next } = await rotated(rig)
    const first = rig.nowMs
    rig.fail('shorten')
    expect(await rig.reason(next.key)).toBe('valid')
    await rig.keys.flush()
    expect(await rig.keys.get(next.info.id)).toMatchObject({ lastUsedAtMs: null })
    expect(rig.types()).toContain('api-key.write_failed')
    rig.fail('shorten', false)
    rig.advance(5)
    const successor = rig.process()
    expect(await rig.reason(next.key, successor)).toBe('valid')
    await successor.flush()
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: rig.nowMs + 100_000 })
    await rig.keys.verify(next.key)
    await rig.keys.flush()
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: rig.nowMs + 100_000 })
    expect(rig.nowMs).toBeGreaterThan(first)
  })

  test('counts from the first use that a process knows of, though the store took it at a later one', async () => {
    const rig = new LifeRig()
    const { old, next } = await rotated(rig)
    rig.fail('shorten')
    await rig.keys.verify(next.key)
    rig.fail('shorten', false)
    rig.advance(50)
    await rig.keys.verify(next.key)
    await rig.keys.flush()
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: start + 100_000 })
  })

  test('ends every key before it where a key in between was never used', async () => {
    const rig = new LifeRig()
    const { old, next } = await rotated(rig)
    const last = await rig.keys.rotate(next.info.id, { graceFrom: 'now', graceSeconds: 10 })
    await rig.keys.verify(last.key)
    await rig.keys.flush()
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: start + 100_000 })
    expect(await rig.keys.get(next.info.id)).toMatchObject({ expiresAtMs: start + 10_000 })
  })

  test('never extends the old key', async () => {
    const rig = new LifeRig()
    const old = await rig.issue({ expiresAt: start + 5000 })
    const next = await rig.keys.rotate(old.info.id, { graceFrom: 'first-use' })
    await rig.keys.verify(next.key)
    await rig.keys.flush()
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: start + 5000 })
  })

  test('does not begin with a new key that is not valid', async () => {
    const rig = new LifeRig()
    const { old, next } = await rotated(rig)
    await rig.keys.disable(next.info.id)
    expect(await rig.reason(next.key)).toBe('disabled')
    await rig.keys.flush()
    expect(await rig.keys.get(old.info.id)).toMatchObject({ expiresAtMs: null })
  })
})
