import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { tokenBatch, tokenBytes, tokenHex, tokenUrlsafe } from './token.js'

const tokens = [
  { name: 'tokenBytes', token: tokenBytes, length: (size: number) => size },
  { name: 'tokenHex', token: tokenHex, length: (size: number) => 2 * size },
  { name: 'tokenUrlsafe', token: tokenUrlsafe, length: (size: number) => Math.ceil((size * 4) / 3) },
] as const

describe.each(tokens)('$name', ({ token, length }) => {
  test('has 32 bytes of entropy unless it is asked for more or less', () => {
    expect(token()).toHaveLength(length(32))
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 300 }), (size) => {
        expect(token(size)).toHaveLength(length(size))
      }),
    )
  })

  test('under 16 bytes it has to be asked for in words', () => {
    expect(() => token(15)).toThrow(ConfigurationError)
    expect(() => token(15, { acceptWeak: false })).toThrow(/"size" must be 16 to 1048576/)
    expect(token(4, { acceptWeak: true })).toHaveLength(length(4))
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1024 * 1024 + 1, '32' as unknown as number])(
    'a length of %s is refused, weak or not',
    (size) => {
      expect(() => token(size)).toThrow(ConfigurationError)
      expect(() => token(size, { acceptWeak: true })).toThrow(ConfigurationError)
    },
  )

  test('no two are equal', () => {
    const drawn = Array.from({ length: 1000 }, () => token(16).toString())
    expect(new Set(drawn).size).toBe(1000)
  })
})

test('the alphabets are those of hexadecimal and base64url', () => {
  expect(tokenHex(64)).toMatch(/^[0-9a-f]{128}$/)
  expect(tokenUrlsafe()).toMatch(/^[0-9A-Za-z_-]{43}$/)
})

test('token bytes have memory of their own: no other token can be reached through them', () => {
  expect(tokenBytes(32).buffer.byteLength).toBe(32)
})

test('every bit of a token is set in about half of them', () => {
  const count = 4000
  const ones = new Array<number>(128).fill(0)
  for (let drawn = 0; drawn < count; drawn++) {
    const bytes = tokenBytes(16)
    for (let bit = 0; bit < 128; bit++) ones[bit]! += (bytes[bit >> 3]! >> (bit & 7)) & 1
  }
  // Seven standard deviations: a sound source fails this once in billions of runs.
  for (const seen of ones) expect(Math.abs(seen - count / 2)).toBeLessThan(7 * Math.sqrt(count / 4))
})

describe('tokenBatch', () => {
  test('gives as many tokens as were asked for, all different', () => {
    const batch = tokenBatch(2000, 16)
    expect(batch).toHaveLength(2000)
    expect(new Set(batch).size).toBe(2000)
    expect(batch.every((token) => /^[0-9A-Za-z_-]{22}$/.test(token))).toBe(true)
    expect(tokenBatch(0)).toEqual([])
    expect(tokenBatch(1)[0]).toHaveLength(43)
  })

  test.each([-1, 0.5, Number.NaN, 1_000_001])('a count of %s is refused', (count) => {
    expect(() => tokenBatch(count)).toThrow(/tokenBatch: "count" must be/)
  })

  test('neither one token nor all of them are bigger than is reasonable', () => {
    expect(() => tokenBatch(65, 1024 * 1024)).toThrow(ConfigurationError)
    expect(() => tokenBatch(1, 8)).toThrow(ConfigurationError)
    expect(tokenBatch(2, 8, { acceptWeak: true })).toHaveLength(2)
  })
})
