import { describe, expect, test } from 'vitest'
import { LifeRig, start } from '../lifecycle/life-rig.js'

const secrets = { old: 'o'.repeat(32), new: 'n'.repeat(32) }
const underOld = { peppers: { current: 'old', secrets } }
const underNew = { peppers: { current: 'new', secrets } }

describe('a digest under an older pepper', () => {
  test('is renewed by the first use, and the key stays valid when that pepper is gone', async () => {
    const rig = new LifeRig()
    const plain = await rig.issue()
    const older = await rig.process(underOld).issue({ ownerId: 'o' })
    const keys = rig.process(underNew)
    for (const { key } of [plain, older]) expect(await rig.reason(key, keys)).toBe('valid')
    await keys.flush()
    for (const { info } of [plain, older]) {
      expect(rig.memory.find(info.id)).toMatchObject({ algorithm: 'hmac-sha256', pepperId: 'new', lookup: null })
    }
    const alone = rig.process({ peppers: { current: 'new', secrets: { new: secrets.new } } })
    for (const { key } of [plain, older]) expect(await rig.reason(key, alone)).toBe('valid')
    expect(rig.count('rehash')).toBe(2)
  })

  test('is renewed once, however many requests there are at once', async () => {
    const rig = new LifeRig()
    const { key } = await rig.issue()
    const keys = rig.process(underNew)
    const open = rig.hold('rehash')
    for (let request = 0; request < 100; request++) expect(await rig.reason(key, keys)).toBe('valid')
    open()
    await keys.flush()
    expect(rig.count('rehash')).toBe(1)
  })

  test('that cannot be renewed fails no request, and is renewed by the next use', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    const keys = rig.process(underNew)
    rig.fail('rehash')
    expect(await rig.reason(key, keys)).toBe('valid')
    expect(rig.events.at(-1)).toMatchObject({ type: 'api-key.write_failed', keyId: info.id })
    rig.fail('rehash', false)
    expect(await rig.reason(key, keys)).toBe('valid')
    expect(rig.memory.find(info.id)).toMatchObject({ pepperId: 'new' })
  })

  test('does not come back where another process has renewed it meanwhile', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    const open = rig.hold('rehash')
    const late = rig.process(underOld)
    await late.verify(key)
    const digest = { algorithm: 'hmac-sha256', pepperId: 'new', digest: 'N'.repeat(43), lookup: null }
    const { algorithm, pepperId, digest: before } = rig.memory.find(info.id)!
    rig.memory.rehash(info.id, { algorithm, pepperId, digest: before }, digest)
    open()
    await late.flush()
    expect(rig.memory.find(info.id)).toMatchObject(digest)
  })

  test('is not renewed by a key that is wrong, or refused', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    const keys = rig.process(underNew)
    await keys.disable(info.id)
    expect(await rig.reason(key, keys)).toBe('disabled')
    expect(rig.count('rehash')).toBe(0)
  })

  test('renewed while the key is revoked leaves it revoked', async () => {
    const rig = new LifeRig()
    const { key, info } = await rig.issue()
    const keys = rig.process(underNew)
    const open = rig.hold('rehash')
    await keys.verify(key)
    await keys.revoke(info.id)
    open()
    await keys.flush()
    expect(await rig.reason(key, keys)).toBe('revoked')
    expect(rig.memory.find(info.id)).toMatchObject({ pepperId: 'new' })
  })
})

describe('a key that ends soon', () => {
  const warnings = (rig: LifeRig) => rig.events.filter(({ type }) => type === 'api-key.expiring')

  test('is told of when it is used, once a day', async () => {
    const rig = new LifeRig({ expiringSeconds: 3 * 86_400 })
    const expiresAt = start + 10 * 86_400_000
    const { key, info } = await rig.issue({ expiresAt })
    for (let hour = 0; hour < 240; hour++) {
      await rig.keys.verify(key)
      rig.advance(3600)
    }
    expect(warnings(rig)).toEqual(
      Array.from({ length: 3 }, () => ({
        type: 'api-key.expiring',
        keyId: info.id,
        ownerId: 'org_1',
        expiresAtMs: expiresAt,
      })),
    )
  })

  test('is not told of where nobody wants to know, or it has no end', async () => {
    const rig = new LifeRig({ expiringSeconds: 0 })
    await rig.keys.verify((await rig.issue({ expiresAt: start + 1 })).key)
    const other = new LifeRig()
    await other.keys.verify((await other.issue()).key)
    expect([...warnings(rig), ...warnings(other)]).toEqual([])
  })
})

test('an observer that throws fails no use', async () => {
  const rig = new LifeRig()
  const keys = rig.process({
    observe: () => {
      throw new Error('mine')
    },
  })
  const { key } = await keys.issue({ ownerId: 'o', expiresAt: start + 1000 })
  expect(await rig.reason(key, keys)).toBe('valid')
})

test('wrong keys, however many, cause no write and no event', async () => {
  const rig = new LifeRig(underNew)
  const stranger = new LifeRig()
  for (let count = 0; count < 1000; count++) expect(await rig.reason((await stranger.issue()).key)).toBe('unknown')
  await rig.keys.flush()
  expect(new Set(rig.calls)).toEqual(new Set(['find']))
  expect(rig.events).toEqual([])
})
