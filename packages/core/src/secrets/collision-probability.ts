import { ConfigurationError } from '../errors.js'
import { shown } from '../option-reader.js'

/** Up to here the sum is taken term by term: an instant, and exact. */
const mostTerms = 10_000

/**
 * How likely it is that among `count` random values of `bits` bits at least two are equal (the birthday problem). Exact to
 * eight digits over the whole range, also where it is far below 2^-53.
 *
 * @param count how many values, 0 to 1e100.
 * @param bits the entropy of each, above 0 and up to 1024; need not be whole.
 *
 * @example
 * ```ts
 * import { collisionProbability } from '@latchkey/core'
 *
 * collisionProbability(1e9, 128) // 1.5e-21
 * ```
 */
export function collisionProbability(count: number, bits: number): number {
  if (!Number.isInteger(count) || count < 0 || count > 1e100) {
    throw invalid(`"count" must be a whole number from 0 to 1e100, it is ${shown(count)}`)
  }
  if (typeof bits !== 'number' || !(bits > 0 && bits <= 1024)) {
    throw invalid(`"bits" must be above 0 and at most 1024, it is ${shown(bits)}`)
  }
  if (count < 2) return 0
  // expm1 and log1p keep the digits that 1 - exp(...) and log(1 - ...) would cancel.
  return -Math.expm1(logOfNone(count, 2 ** -bits))
}

/** The logarithm of the probability that all values differ: the sum of log(1 - i p) over 0 < i < count. */
function logOfNone(count: number, p: number): number {
  if ((count - 1) * p >= 1) return Number.NEGATIVE_INFINITY
  if (count <= mostTerms) {
    let sum = 0
    for (let i = 1; i < count; i++) sum += Math.log1p(-i * p)
    return sum
  }
  // The sum of the first two terms of the series of each logarithm. From 10,000 values on the third adds less than 1e-8 of
  // it, unless the probability is 1 to every digit anyway.
  return -((count * p * (count - 1)) / 2) * (1 + ((2 * count - 1) * p) / 6)
}

function invalid(complaint: string): ConfigurationError {
  return new ConfigurationError('invalid-option', `collisionProbability: ${complaint}`)
}
