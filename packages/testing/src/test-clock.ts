import { ConfigurationError } from '@latchkey/core'

/** A clock that stands still until it is advanced. */
export interface TestClock {
  /** Epoch milliseconds. Bound to its clock: hand it in wherever options take `now`. */
  readonly now: () => number
  /** Moves the clock on, by whole milliseconds. A negative number sets it back, as an operator might. */
  advanceSeconds(seconds: number): void
}

/**
 * A clock for tests: for `apiKeys`, `memoryStore` and whatever else takes `now`. Timers are not touched: a guard that waits for
 * a store waits by the real clock.
 *
 * @param startMs where it begins, in epoch milliseconds; by default the first of January 2026, so that every run is alike.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@latchkey/core'
 * import { testClock } from '@latchkey/testing'
 *
 * const clock = testClock()
 * const store = memoryStore({ now: clock.now })
 * clock.advanceSeconds(86_400) // what the store keeps for a day is gone
 * ```
 */
export function testClock(startMs: number = Date.UTC(2026, 0, 1)): TestClock {
  let nowMs = finite('startMs', startMs)
  return {
    now: () => nowMs,
    advanceSeconds: (seconds) => {
      nowMs += Math.round(1000 * finite('seconds', seconds))
    },
  }
}

function finite(name: string, value: number): number {
  if (Number.isFinite(value)) return value
  throw new ConfigurationError('invalid-option', `testClock: "${name}" must be a finite number, it is ${String(value)}`)
}
