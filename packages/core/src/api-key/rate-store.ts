import type { Awaitable } from '../guard.js'
import type { RateLimit } from './store.js'

/** How a request came out against a rate limit. */
export interface RateCount {
  readonly isAllowed: boolean
  /** How many more requests the window allows. */
  readonly remaining: number
  /** Milliseconds until the window ends. */
  readonly resetMs: number
}

/**
 * What rate limits ask of a store. A window begins with the first request that is counted after the one before has ended, so
 * that traffic at exactly the limit's rate is never refused.
 */
export interface RateStore {
  /**
   * Counts one request of a meter. Atomic, one round trip: of any number at once in one window `limit` are allowed, and those
   * that are refused count for nothing. Under another limit than the last time the count and the window's end stay.
   */
  count(meterId: string, rateLimit: RateLimit): Awaitable<RateCount>
}

/** Where {@link RateStore} stands in a whole store. */
export interface HasRateStore {
  readonly rates: RateStore
}
