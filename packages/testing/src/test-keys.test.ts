import { createHash } from 'node:crypto'
import { memoryStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { seededRandom } from './seeded-random.js'
import { testClock } from './test-clock.js'
import { testKeys } from './test-keys.js'

const input = { ownerId: 'org_1' }

describe('test keys', () => {
  test('are the same in every run', async () => {
    const { key } = await testKeys().issue(input)
    // Computed apart from this code, from the seed and the grammar of keys.
    expect(key).toBe('acme_live_uB2xh8xRvOky_Vpj87lXoejHiJVhpqW5RNp6luM6vtTo59l08ZZmBUfP05zsYl')
  })

  test('differ from one another, and under another seed', async () => {
    const keys = testKeys({ seed: 'checkout' })
    const made = [await keys.issue(input), await keys.issue(input), await testKeys().issue(input)]
    expect(new Set(made.map(({ key }) => key)).size).toBe(3)
  })

  test('are keys like any others', async () => {
    const keys = testKeys({ prefix: 'my_app_v2', environments: ['sandbox'] })
    const { key } = await keys.issue(input)
    expect(key).toMatch(/^my_app_v2_sandbox_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
    expect(await keys.verify(key)).toMatchObject({ isValid: true })
    expect(await keys.verify(`${key.slice(0, -1)}!`)).toMatchObject({ isValid: false })
  })

  test('live in the store and by the clock that are given', async () => {
    const clock = testClock()
    const store = memoryStore({ now: clock.now })
    const keys = testKeys({ store, now: clock.now })
    const { key, info } = await keys.issue({ ...input, expiresAt: clock.now() + 60_000 })
    expect(await store.keys.find(info.id)).toMatchObject({ createdAtMs: clock.now() })
    clock.advanceSeconds(60)
    expect(await keys.verify(key)).toMatchObject({ isValid: false, reason: 'expired' })
  })

  test('an option that does not exist is refused', () => {
    expect(() => testKeys({ prefixes: ['a'] } as object)).toThrow('there is no option "prefixes"')
  })
})

describe('seeded bytes', () => {
  test('are SHA-256 of a counter and the seed', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex')
    const bytes = new Uint8Array(64)
    seededRandom('a')(bytes)
    expect(Buffer.from(bytes).toString('hex')).toBe(hash('0:a') + hash('1:a'))
  })

  test('fill targets of any length, each with new bytes', () => {
    const random = seededRandom('a')
    const drawn = [1, 33, 64].map((length) => {
      const bytes = new Uint8Array(length)
      random(bytes)
      return Buffer.from(bytes).toString('hex')
    })
    expect(drawn[1]!.startsWith(drawn[0]!)).toBe(false)
    expect(drawn[2]!.startsWith(drawn[1]!.slice(0, 8))).toBe(false)
    expect(drawn.map((hex) => hex.length)).toEqual([2, 66, 128])
  })
})
