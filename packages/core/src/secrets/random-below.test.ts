import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { choice, randomBelow, shuffle } from './random-below.js'

/** Pearson's statistic of counts that should all be equal. */
function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** So many outcomes in as many boxes. */
function counted(length: number, draws: number, draw: () => number): number[] {
  const counts = new Array<number>(length).fill(0)
  for (let drawn = 0; drawn < draws; drawn++) counts[draw()]! += 1
  return counts
}

describe('randomBelow', () => {
  test('stays below its bound', () => {
    expect(randomBelow(1)).toBe(0)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 48 - 1 }), (bound) => {
        const drawn = randomBelow(bound)
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true)
      }),
    )
  })

  test('every number is as likely as any other', () => {
    // 62 boxes have 61 degrees of freedom; above 160 once in 10^10 runs.
    expect(chiSquared(counted(62, 62_000, () => randomBelow(62)))).toBeLessThan(160)
  })

  test.each([0, -1, 2.5, Number.NaN, 2 ** 48, Number.POSITIVE_INFINITY, '6' as unknown as number])(
    'a bound of %s is refused',
    (bound) => {
      expect(() => randomBelow(bound)).toThrow(ConfigurationError)
    },
  )
})

describe('choice', () => {
  test('is an element of the list, each as likely as any other', () => {
    const list = [0, 1, 2, 3, 4]
    expect(chiSquared(counted(5, 10_000, () => choice(list)))).toBeLessThan(60)
  })

  test('there is nothing to choose from an empty list, and no list in a text', () => {
    expect(() => choice([])).toThrow(ConfigurationError)
    expect(() => choice('abc' as unknown as string[])).toThrow(ConfigurationError)
  })
})

describe('shuffle', () => {
  test('gives the same elements in a list of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (list) => {
        const before = [...list]
        const shuffled = shuffle(list)
        expect(list).toEqual(before)
        expect(shuffled).not.toBe(list)
        expect(shuffled.toSorted()).toEqual(list.toSorted())
      }),
    )
  })

  test('every order is as likely as any other', () => {
    const orders = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']
    const counts = counted(6, 12_000, () => orders.indexOf(shuffle(['a', 'b', 'c']).join('')))
    expect(chiSquared(counts)).toBeLessThan(60)
  })

  test('what is no list is refused', () => {
    expect(() => shuffle('abc' as unknown as string[])).toThrow(ConfigurationError)
  })
})
