import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { collisionProbability } from './collision-probability.js'

const birthdays = Math.log2(365)

/** To eight significant digits. */
function near(actual: number, expected: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-8)
}

describe('collisionProbability', () => {
  test('knows the birthdays', () => {
    // 1 - 365! / (342! 365^23), and the same for 70 people.
    near(collisionProbability(23, birthdays), 0.507297234323986)
    near(collisionProbability(70, birthdays), 0.9991595759651571)
  })

  test('one value collides with nothing, two collide with the probability of one', () => {
    expect(collisionProbability(0, 128)).toBe(0)
    expect(collisionProbability(1, 128)).toBe(0)
    near(collisionProbability(2, 128), 2 ** -128)
    near(collisionProbability(2, 1), 0.5)
    near(collisionProbability(3, 3), 1 - (7 / 8) * (6 / 8))
  })

  test('is certain where there are more values than places', () => {
    expect(collisionProbability(3, 1)).toBe(1)
    expect(collisionProbability(257, 8)).toBe(1)
    expect(collisionProbability(1e12, 32)).toBe(1)
    expect(collisionProbability(1e100, 128)).toBe(1)
  })

  test('keeps its digits where a collision is all but impossible', () => {
    near(collisionProbability(1e9, 128), (1e9 * (1e9 - 1)) / 2 / 2 ** 128)
    near(collisionProbability(1e6, 256), (1e6 * (1e6 - 1)) / 2 / 2 ** 256)
  })

  test('the sum and the series agree where one takes over from the other', () => {
    for (const bits of [26, 32, 64, 128]) {
      const slope = collisionProbability(10_001, bits) / collisionProbability(10_000, bits)
      const next = collisionProbability(10_002, bits) / collisionProbability(10_001, bits)
      expect(Math.abs(slope / next - 1)).toBeLessThan(5e-8)
    }
  })

  test('agrees with the product, term by term', () => {
    const product = (count: number, places: number) =>
      1 - Array.from({ length: count }, (_, i) => 1 - i / places).reduce((all, one) => all * one, 1)
    near(collisionProbability(20_000, 27), product(20_000, 2 ** 27))
    near(collisionProbability(100_000, 32), product(100_000, 2 ** 32))
  })

  test('grows with the count, shrinks with the bits, and is a probability', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.double({ min: 1, max: 300, noNaN: true }), (count, bits) => {
        const here = collisionProbability(count, bits)
        expect(here >= 0 && here <= 1).toBe(true)
        expect(collisionProbability(count + 1, bits)).toBeGreaterThanOrEqual(here * (1 - 1e-7))
        expect(collisionProbability(count, bits + 1)).toBeLessThanOrEqual(here)
      }),
    )
  })

  test.each([
    [-1, 128],
    [1.5, 128],
    [Number.NaN, 128],
    [1e101, 128],
    [2, 0],
    [2, -1],
    [2, Number.NaN],
    [2, 1025],
    [2, '128' as unknown as number],
  ])('%s values of %s bits are refused', (count, bits) => {
    expect(() => collisionProbability(count, bits)).toThrow(ConfigurationError)
  })
})
