import type { RateCount, RateStore } from '../api-key/rate-store.js'
import type { RateLimit } from '../api-key/store.js'
import { Round } from './round.js'

interface Window {
  used: number
  readonly endsAtMs: number
}

/** Windows that are looked at with each new one: what is over goes faster than new ones come. */
const steps = 2

/** {@link RateStore} in a map of this process: a window a meter, and meters are those of keys that were verified. */
export class MemoryRateStore implements RateStore {
  readonly #windows = new Map<string, Window>()
  readonly #round = new Round(() => this.#windows.entries())
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  count(meterId: string, { limit, windowSeconds }: RateLimit): RateCount {
    const nowMs = this.#now()
    const known = this.#windows.get(meterId)
    const isOpen = known !== undefined && nowMs < known.endsAtMs
    const window = isOpen ? known : this.#open(meterId, nowMs, windowSeconds)
    const isAllowed = window.used < limit
    if (isAllowed) window.used++
    return { isAllowed, remaining: Math.max(0, limit - window.used), resetMs: window.endsAtMs - nowMs }
  }

  #open(meterId: string, nowMs: number, windowSeconds: number): Window {
    for (let step = 0; step < steps; step++) {
      const entry = this.#round.next()
      if (entry !== undefined && entry[1].endsAtMs <= nowMs) this.#windows.delete(entry[0])
    }
    const window = { used: 0, endsAtMs: nowMs + windowSeconds * 1000 }
    this.#windows.set(meterId, window)
    return window
  }
}
