import { within } from '../../deadline.js'
import { tell } from '../../observe.js'
import type { IdempotencySettings } from '../settings.js'
import { jittered } from './pause.js'

/** A record that this process has claimed. */
export interface Holding {
  readonly id: string
  readonly token: string
  readonly attempt: number
}

/**
 * The lease of one claimed record: a heartbeat renews it, fenced by the token, from a third of its length on. It never
 * outlives {@link Lease.end}, keeps no process alive, and renews nothing past `maxLeaseSeconds` while the handler runs.
 */
export class Lease {
  readonly #settings: IdempotencySettings
  readonly #holding: Holding
  readonly #startedAtMs = performance.now()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isBeating = false
  #isSuspended = false
  #abort: AbortController | undefined
  #state: 'held' | 'settling' | 'lost' | 'ended' = 'held'

  constructor(settings: IdempotencySettings, holding: Holding) {
    this.#settings = settings
    this.#holding = holding
    // Without jitter: timers of one duration share one list in the event loop, and most never fire.
    this.#beatAfter(this.#thirdMs)
  }

  /** Whether another attempt has the record. */
  get isLost(): boolean {
    return this.#state === 'lost'
  }

  /** Fires when the lease is lost. Made when it is first read. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.isLost) this.#abort.abort()
    }
    return this.#abort.signal
  }

  /**
   * Renews nothing until {@link Lease.resume}: a transaction of the handler's has the record locked, or has settled it. A renewal
   * would wait for it, on a connection that others need, and its answer says nothing.
   */
  suspend(): void {
    this.#isSuspended = true
  }

  resume(): void {
    this.#isSuspended = false
  }

  /** The outcome is being written: from now on only the answer to that write tells whether the lease was lost. */
  settling(): void {
    if (this.#state === 'held') this.#state = 'settling'
  }

  /** Another attempt has the record. */
  lose(): void {
    if (this.#state === 'lost' || this.#state === 'ended') return
    this.#state = 'lost'
    this.#stop()
    const { id, attempt } = this.#holding
    tell(this.#settings.observe, { type: 'idempotency.lease_lost', id, attempt })
    this.#abort?.abort()
  }

  /** Goes on renewing, whatever the ceiling, for an outcome that the store could not take yet. */
  keep(): void {
    if (this.#state === 'settling' && this.#timer === undefined && !this.#isBeating) this.#beatAfter(0)
  }

  /** Nothing is renewed any more. */
  end(): void {
    if (this.#state !== 'lost') this.#state = 'ended'
    this.#stop()
  }

  get #thirdMs(): number {
    return (this.#settings.leaseSeconds * 1000) / 3
  }

  get #isOver(): boolean {
    return this.#state === 'lost' || this.#state === 'ended'
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #beatAfter(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#beat(), milliseconds)
    // A number on hosts that have no such method.
    this.#timer.unref?.()
  }

  async #beat(): Promise<void> {
    const { store, leaseSeconds, maxLeaseSeconds, ttlSeconds, storeTimeoutSeconds, observe } = this.#settings
    const { id, token, attempt } = this.#holding
    this.#timer = undefined
    const heldSeconds = (performance.now() - this.#startedAtMs) / 1000
    if (this.#state === 'held' && heldSeconds + leaseSeconds > maxLeaseSeconds) {
      tell(observe, { type: 'idempotency.lease_ended', id, attempt })
      return
    }
    if (this.#isSuspended) {
      this.#beatAfter(jittered(this.#thirdMs))
      return
    }
    this.#isBeating = true
    try {
      const answer = await within(storeTimeoutSeconds, () => store.renew(id, token, leaseSeconds, ttlSeconds))
      if (this.#isOver) return
      if (answer === 'ok' || this.#isSuspended) this.#beatAfter(jittered(this.#thirdMs))
      else if (this.#state === 'held') this.lose()
    } catch (error) {
      if (this.#isOver) return
      tell(observe, { type: 'idempotency.renew_failed', id, attempt, error })
      this.#beatAfter(jittered(Math.min(1000, this.#thirdMs / 3)))
    } finally {
      this.#isBeating = false
    }
  }
}
