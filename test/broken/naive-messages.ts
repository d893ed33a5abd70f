import type { ReplayStore, Reservation } from '@latchkey/core'
import type { Has } from './store-flaws.js'

interface Message {
  token: string
  isCommitted: boolean
  leaseUntilMs: number
  expiresAtMs: number
}

/** The plainest replay window that keeps the contract, and at every turn of it the way to break it. */
export class NaiveMessages implements ReplayStore {
  readonly #messages = new Map<string, Message>()
  readonly #now: () => number
  readonly #has: Has

  constructor(now: () => number, has: Has) {
    this.#now = now
    this.#has = has
  }

  async reserve(id: string, token: string, leaseSeconds: number): Promise<Reservation> {
    const message = this.#live(id)
    if (this.#has('reserves, reading first')) await undefined
    if (message?.isCommitted && !this.#has('handles committed messages again')) return { outcome: 'committed' }
    const leaseRemainingMs = (message?.leaseUntilMs ?? 0) - this.#now()
    const isOwn = message?.token === token && !this.#has('does not know its own reservation')
    if (message && !isOwn && (leaseRemainingMs > 0 || this.#has('never gives a lapsed message away'))) {
      return { outcome: 'running', leaseRemainingMs }
    }
    const leaseUntilMs = this.#now() + leaseSeconds * 1000
    const expiresAtMs = leaseUntilMs + (this.#has('forgets a lapsed reservation') ? 0 : 3_600_000)
    this.#messages.set(id, { token, isCommitted: false, leaseUntilMs, expiresAtMs })
    return { outcome: 'reserved' }
  }

  async commit(id: string, token: string, ttlSeconds: number): Promise<'ok' | 'stale'> {
    const message = this.#live(id)
    if (message === undefined || (message.token !== token && !this.#has('commits under any token'))) return 'stale'
    if (message.isCommitted && !this.#has('commits again and again')) return 'ok'
    message.isCommitted = true
    const fromMs = this.#has('counts from the reservation') ? message.leaseUntilMs - 20_000 : this.#now()
    message.expiresAtMs = this.#has('never forgets a message') ? Number.POSITIVE_INFINITY : fromMs + ttlSeconds * 1000
    return 'ok'
  }

  async release(id: string, token: string): Promise<'ok' | 'stale'> {
    const message = this.#live(id)
    if (message === undefined || (message.token !== token && !this.#has('gives up under any token'))) return 'stale'
    if (message.isCommitted && !this.#has('gives up what is committed')) return 'stale'
    this.#messages.delete(id)
    return 'ok'
  }

  #live(id: string) {
    const message = this.#messages.get(id)
    return message && this.#now() < message.expiresAtMs ? message : undefined
  }
}
