import type { Awaitable, RateCount, RateLimit, RateStore } from '@latchkey/core'

/** A meter's window as a request meets it. */
export interface Window {
  /** How many requests it has had, this one among them. */
  readonly requests: number
  readonly leftMs: number
}

/**
 * Counts a request in the meter's window, or in a new one where that has ended; atomic, one round trip. Where `limit` or more have
 * been counted already it counts nothing, and answers with one more than have been.
 */
export type CountRequest = (meterId: string, limit: number, windowMs: number) => Awaitable<Window>

/** {@link RateStore} by the library, which is loaded when the first request is counted. */
export class Rates implements RateStore {
  readonly #count: CountRequest
  #limiter: Promise<typeof import('./rate-limiter.js')> | undefined

  constructor(count: CountRequest) {
    this.#count = count
  }

  async count(meterId: string, rateLimit: RateLimit): Promise<RateCount> {
    this.#limiter ??= import('./rate-limiter.js')
    return (await this.#limiter).limited(this.#count, meterId, rateLimit)
  }
}
