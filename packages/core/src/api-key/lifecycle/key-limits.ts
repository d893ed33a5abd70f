import { ConfigurationError } from '../../errors.js'
import type { OptionReader } from '../../option-reader.js'
import type { AddressMatcher } from '../addresses.js'
import type { RateStore } from '../rate-store.js'
import type { Quota, QuotaRefill, RateLimit } from '../store.js'
import type { ApiKeyChanges, NewQuota } from './new-api-key.js'

/** Every count fits a 32-bit integer of a database. */
const mostRequests = 1_000_000_000
const secondsOfDay = 86_400
const secondsOfYear = 31_536_000
const mostRanges = 256

/** A use is written at most 75 s after it happened: an end that came sooner could overtake it. */
const leastIdleSeconds = 120
const mostIdleSeconds = 10 * secondsOfYear

/** @throws ConfigurationError as do all of these readers; absent is `undefined`. */
export function readRateLimit(
  read: OptionReader<ApiKeyChanges>,
  rates: RateStore | undefined,
): RateLimit | null | undefined {
  const given = read.nested<RateLimit>('rateLimit', ['limit', 'windowSeconds'])
  if (!given) return given
  if (rates === undefined) {
    throw new ConfigurationError(
      'invalid-option',
      'apiKeys: "store" must have a part for rates where a key has a "rateLimit"',
      { option: 'rateLimit', expected: 'null: the store cannot count requests' },
    )
  }
  return Object.freeze({
    limit: given.integer('limit', undefined, 1, mostRequests),
    windowSeconds: given.integer('windowSeconds', undefined, 1, secondsOfDay),
  })
}

export function readQuota(read: OptionReader<ApiKeyChanges>, nowMs: number): Quota | null | undefined {
  const given = read.nested<NewQuota>('quota', ['remaining', 'refill'])
  if (!given) return given
  const remaining = given.integer('remaining', undefined, 0, mostRequests)
  const refill = readRefill(given)
  return Object.freeze({ remaining, refill, refillAtMs: refill && nowMs + refill.everySeconds * 1000 })
}

function readRefill(read: OptionReader<NewQuota>): QuotaRefill | null {
  const given = read.nested<QuotaRefill>('refill', ['amount', 'everySeconds'])
  if (!given) return null
  return Object.freeze({
    amount: given.integer('amount', undefined, 1, mostRequests),
    everySeconds: given.integer('everySeconds', undefined, 1, secondsOfYear),
  })
}

export function readIdleSeconds(read: OptionReader<ApiKeyChanges>): number | null | undefined {
  const given = read.optional('idleSeconds', 'a number of seconds or null', isNumberOrNull)
  if (given === null || given === undefined) return given
  return read.integer('idleSeconds', undefined, leastIdleSeconds, mostIdleSeconds)
}

export function readAllowedIps(
  read: OptionReader<ApiKeyChanges>,
  addresses: AddressMatcher | undefined,
): readonly string[] | null | undefined {
  const rule = `a list of 1 to ${mostRanges} addresses and CIDR ranges, or null`
  const given = read.optional('allowedIps', rule, isTextsOrNull)
  if (!given) return given
  if (addresses === undefined) {
    throw new ConfigurationError(
      'invalid-option',
      'apiKeys: "addresses" must be set where a key has "allowedIps": pass the matcher of @latchkey/ip',
      { option: 'allowedIps', expected: 'null: nothing here tells addresses apart' },
    )
  }
  const isEachRange = given.length > 0 && given.length <= mostRanges && given.every((text) => addresses.isRange(text))
  if (!isEachRange) throw read.fault('allowedIps', rule, given)
  return Object.freeze([...new Set(given)])
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || typeof value === 'number'
}

function isTextsOrNull(value: unknown): value is readonly string[] | null {
  return value === null || (Array.isArray(value) && Array.from(value).every((text) => typeof text === 'string'))
}
