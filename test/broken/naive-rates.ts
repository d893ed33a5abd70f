import type { RateCount, RateLimit, RateStore } from '@latchkey/core'
import type { Has } from './store-flaws.js'

interface Window {
  readonly requests: number
  readonly endsAtMs: number
  readonly limit: number
}

/** The plainest rates that keep the contract, and at every turn of it the way to break it. */
export class NaiveRates implements RateStore {
  readonly #windows = new Map<string, Window>()
  readonly #now: () => number
  readonly #has: Has

  constructor(now: () => number, has: Has) {
    this.#now = now
    this.#has = has
  }

  async count(meterId: string, { limit, windowSeconds }: RateLimit): Promise<RateCount> {
    const nowMs = this.#now()
    const key = this.#key(meterId)
    const before = this.#open(key, nowMs, limit) ?? { requests: 0, endsAtMs: this.#end(nowMs, windowSeconds), limit }
    if (this.#has('counts, reading first')) await undefined
    const isAllowed = before.requests < limit + (this.#has('allows one more than the limit') ? 1 : 0)
    const isProlonged =
      this.#has('prolongs a window with each request') ||
      (!isAllowed && this.#has('prolongs a window with what it refuses'))
    const endsAtMs = isProlonged ? nowMs + windowSeconds * 1000 : before.endsAtMs
    const requests = before.requests + (isAllowed || this.#has('counts what it refuses') ? 1 : 0)
    this.#windows.set(key, { requests, endsAtMs, limit })
    return {
      isAllowed,
      remaining: this.#has('tells how many there were, not what is left') ? requests : Math.max(0, limit - requests),
      resetMs: this.#has('tells when a window ends, not how long it lasts') ? endsAtMs : endsAtMs - nowMs,
    }
  }

  #open(key: string, nowMs: number, limit: number): Window | undefined {
    const window = this.#windows.get(key)
    if (window === undefined || (this.#has('counts anew under another limit') && window.limit !== limit)) {
      return undefined
    }
    const endsAtMs = window.endsAtMs + (this.#has('keeps a window a millisecond too long') ? 1 : 0)
    return nowMs < endsAtMs || this.#has('never ends a window') ? window : undefined
  }

  #end(nowMs: number, windowSeconds: number): number {
    const endsAtMs = nowMs + windowSeconds * 1000
    return this.#has('begins windows with the minute') ? endsAtMs - (nowMs % (windowSeconds * 1000)) : endsAtMs
  }

  #key(meterId: string): string {
    if (this.#has('counts all meters as one')) return ''
    if (this.#has('keeps UTF-8 for meters')) return Buffer.from(meterId).toString()
    return this.#has('compares meters without case') ? meterId.toLowerCase() : meterId
  }
}
