import type { Awaitable } from '../../guard.js'
import type { IdempotencySettings } from '../settings.js'
import type { Claim } from '../store.js'
import type { FailedClaim } from './claim.js'
import { jittered, pause } from './pause.js'

type Running = Extract<Claim, { outcome: 'running' }>

/** First pause between two questions; it doubles up to the last. */
const firstPauseMs = 20
const lastPauseMs = 500

/** Requests that wait for their running predecessor, bounded in number and in time. */
export class Waiters {
  readonly #settings: IdempotencySettings
  #waiting = 0

  constructor(settings: IdempotencySettings) {
    this.#settings = settings
  }

  /**
   * Asks again until something else than `running` is answered, or the time is up: then what is known is that the
   * predecessor runs. Whoever finds the record free has claimed it.
   *
   * @param isClosed whether nobody may claim any more.
   */
  async wait(
    running: Running,
    ask: () => Awaitable<Claim | FailedClaim>,
    isClosed: () => boolean,
  ): Promise<Exclude<Claim | FailedClaim, FailedClaim>> {
    const { waitSeconds, maxWaiters } = this.#settings
    if (this.#waiting >= maxWaiters) return running
    this.#waiting++
    try {
      const untilMs = performance.now() + waitSeconds * 1000
      let known = running
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(lastPauseMs, pauseMs * 2)) {
        const leftMs = untilMs - performance.now()
        if (leftMs <= 0) return known
        await pause(Math.min(leftMs, jittered(pauseMs)))
        if (isClosed()) return known
        const answer = await ask()
        // A store that fails now takes nothing back: the predecessor runs, and to bypass it would be to run beside it.
        if (answer.outcome === 'failed') return known
        if (answer.outcome !== 'running') return answer
        known = answer
      }
    } finally {
      this.#waiting--
    }
  }
}
