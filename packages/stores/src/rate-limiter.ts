import type { RateCount, RateLimit } from '@latchkey/core'
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js'
import type { CountRequest, Window } from './rates.js'

/** Counts one request, and lets the library decide on it. */
export async function limited(count: CountRequest, meterId: string, rateLimit: RateLimit): Promise<RateCount> {
  try {
    return answer(true, await new RateLimiter(count, rateLimit).consume(meterId))
  } catch (refusal) {
    if (refusal instanceof Error) throw refusal
    return answer(false, refusal as Counted)
  }
}

type Counted = Awaited<ReturnType<RateLimiter['consume']>>

/** A limiter of the library's on a store of ours. It keeps nothing itself, so that one is made for each request. */
class RateLimiter extends RateLimiterStoreAbstract<Window> {
  readonly #count: CountRequest

  constructor(count: CountRequest, { limit, windowSeconds }: RateLimit) {
    super({ points: limit, duration: windowSeconds, keyPrefix: '' })
    this.#count = count
  }

  protected override async _upsert(meterId: string, _points: number, windowMs: number): Promise<Window> {
    return this.#count(meterId, this.points, Math.ceil(windowMs))
  }

  protected override _getRateLimiterRes(_meterId: string, _points: number, { requests, leftMs }: Window) {
    return { consumedPoints: requests, remainingPoints: Math.max(0, this.points - requests), msBeforeNext: leftMs }
  }
}

function answer(isAllowed: boolean, { remainingPoints, msBeforeNext }: Counted): RateCount {
  return { isAllowed, remaining: remainingPoints, resetMs: msBeforeNext }
}
