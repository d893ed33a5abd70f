import { within } from '../../deadline.js'
import { StoreError } from '../../errors.js'
import type { Awaitable } from '../../guard.js'
import { type Observe, tell } from '../../observe.js'
import type { IdempotencyEvent } from '../events.js'
import type { TombstoneReason } from '../reply/reply-record.js'
import type { IdempotencySettings } from '../settings.js'
import type { FencedWrite } from '../store.js'
import type { Holding, Lease } from './lease.js'
import { pause } from './pause.js'

/** How a claimed request ends in the store. */
export type Outcome =
  | {
      readonly kind: 'settle'
      readonly content: Uint8Array
      readonly status: number
      /** What is written where the store has no room for the reply: that the request was carried out, at least. */
      readonly instead: () => Outcome
    }
  | {
      readonly kind: 'tombstone'
      readonly content: Uint8Array
      readonly reason: TombstoneReason
      readonly status: number | undefined
    }
  | { readonly kind: 'release'; readonly status: number | undefined }

/** One try, bounded: by `settleTimeoutSeconds` unless told. */
export function write(
  { store, ttlSeconds, settleTimeoutSeconds }: IdempotencySettings,
  { id, token }: Holding,
  outcome: Outcome,
  seconds: number = settleTimeoutSeconds,
): Awaitable<FencedWrite> {
  return within(seconds, () => {
    switch (outcome.kind) {
      case 'settle':
        return store.settle(id, token, outcome.content, ttlSeconds)
      case 'tombstone':
        return store.tombstone(id, token, outcome.content, ttlSeconds)
      case 'release':
        return store.release(id, token)
    }
  })
}

/** Whether the store has no room for what it was given. */
export function isFull(error: unknown): boolean {
  return error instanceof StoreError && error.fault === 'full'
}

/** Tells that the outcome stands in the store. */
export function tellOutcome(
  observe: Observe<IdempotencyEvent> | undefined,
  { id, attempt }: Holding,
  outcome: Outcome,
): void {
  const status = outcome.status === undefined ? {} : { status: outcome.status }
  switch (outcome.kind) {
    case 'settle':
      tell(observe, { type: 'idempotency.settled', id, attempt, status: outcome.status })
      break
    case 'tombstone':
      tell(observe, { type: 'idempotency.tombstoned', id, attempt, reason: outcome.reason, ...status })
      break
    case 'release':
      tell(observe, { type: 'idempotency.released', id, attempt, ...status })
  }
}

/** Pauses between two tries: the first, doubling up to the last. */
const firstPauseMs = 100
const lastPauseMs = 1000

/** Outcomes that the store could not take when they came about, tried again in the background; bounded in bytes. */
export class Backlog {
  readonly #settings: IdempotencySettings
  #bytes = 0

  constructor(settings: IdempotencySettings) {
    this.#settings = settings
  }

  /**
   * Tries again until the store has answered or `settleRetrySeconds` are over, and renews the lease meanwhile. Whatever it
   * comes to, the lease has ended when the promise resolves; it never rejects. An outcome is never turned into another:
   * a reply that cannot be stored does not free its key.
   */
  async add(holding: Holding, lease: Lease, outcome: Outcome): Promise<void> {
    const { observe, maxBufferedBytes } = this.#settings
    const bytes = outcome.kind === 'release' ? 0 : outcome.content.length
    const hasRoom = this.#bytes + bytes <= maxBufferedBytes
    if (hasRoom) this.#bytes += bytes
    const answer = hasRoom ? await this.#tryAgain(holding, lease, outcome) : undefined
    if (hasRoom) this.#bytes -= bytes
    if (answer === 'ok') tellOutcome(observe, holding, outcome)
    // A release whose first answer was lost is stale the second time.
    else if (answer !== undefined && outcome.kind !== 'release') lease.lose()
    else if (answer === undefined) {
      const { id, attempt } = holding
      tell(observe, { type: 'idempotency.settle_given_up', id, attempt })
    }
    lease.end()
  }

  async #tryAgain(holding: Holding, lease: Lease, outcome: Outcome): Promise<FencedWrite | undefined> {
    lease.keep()
    const untilMs = performance.now() + this.#settings.settleRetrySeconds * 1000
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(lastPauseMs, pauseMs * 2)) {
      if (performance.now() + pauseMs > untilMs) return undefined
      await pause(pauseMs)
      try {
        return await write(this.#settings, holding, outcome)
      } catch {
        // Told once, when the first try failed.
      }
    }
  }
}
