import { chained } from '../../deadline.js'
import { StoreError } from '../../errors.js'
import type { Awaitable } from '../../guard.js'
import { isCount } from '../lifecycle/issuance.js'
import type { RateStore } from '../rate-store.js'
import type { KeyRecord, KeyStore } from '../store.js'

/** One limit of a key, as it stands after a request. */
export interface KeyLimit {
  readonly name: 'rate' | 'quota'
  /** How many requests a window or a refill allows; `null`: what is spent is spent. */
  readonly limit: number | null
  /** How long a window lasts, or how often a refill comes; `null`: there is none. */
  readonly windowSeconds: number | null
  /** How many more requests are allowed. */
  readonly remaining: number
  /** Seconds until there are more, rounded up; `null`: there will be none. */
  readonly resetSeconds: number | null
}

/** How one request came out against one limit. */
export interface Metering {
  readonly isAllowed: boolean
  readonly limit: KeyLimit
}

/**
 * Counts one request of a key against its rate limit.
 *
 * @throws StoreError (or rejects) where the store has no part for it, or answers with anything but a count.
 */
export function countRequest(
  { meterId, rateLimit }: KeyRecord,
  rates: RateStore | undefined,
): Awaitable<Metering | undefined> {
  if (rateLimit === null) return undefined
  if (rates === undefined)
    throw new StoreError('unavailable', 'A stored key has a rate limit, and "store" has no rates')
  return chained(rates.count(meterId, rateLimit), (count) => {
    if (!isCount(count?.remaining) || !Number.isFinite(count.resetMs)) throw unreadable('count')
    const { limit, windowSeconds } = rateLimit
    const resetSeconds = wholeSeconds(count.resetMs)
    const { remaining } = count
    return {
      isAllowed: count.isAllowed === true,
      limit: { name: 'rate', limit, windowSeconds, remaining, resetSeconds },
    }
  })
}

/**
 * Spends one request of a key's quota. The numbers are those that the store answers with: those in the record may be old.
 *
 * @throws StoreError (or rejects) where the store answers with anything but a spending.
 */
export function spendRequest(
  { meterId, quota }: KeyRecord,
  store: KeyStore,
  nowMs: number,
): Awaitable<Metering | undefined> {
  if (quota === null) return undefined
  return chained(store.spend(meterId, nowMs), (spending) => {
    if (!isCount(spending?.remaining) || !isTimeOrNull(spending.refillAtMs)) throw unreadable('spend')
    const { outcome, remaining, refillAtMs } = spending
    const limit = quota.refill?.amount ?? null
    const windowSeconds = quota.refill?.everySeconds ?? null
    const resetSeconds = refillAtMs === null ? null : wholeSeconds(refillAtMs - nowMs)
    return { isAllowed: outcome === 'ok', limit: { name: 'quota', limit, windowSeconds, remaining, resetSeconds } }
  })
}

function wholeSeconds(milliseconds: number): number {
  return Math.max(0, Math.ceil(milliseconds / 1000))
}

function isTimeOrNull(value: unknown): boolean {
  return value === null || Number.isFinite(value)
}

function unreadable(method: string): StoreError {
  return new StoreError('corrupt', `The store answered "${method}" with something else than it must`)
}
