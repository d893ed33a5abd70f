import { StoreError } from '../errors.js'
import type { ReplayStore, Reservation } from '../signature/store.js'
import { Round } from './round.js'

interface Message {
  token: string
  isCommitted: boolean
  /** Of a reservation; afterwards its holder may still commit it, and anybody may take it over. */
  leaseUntilMs: number
  expiresAtMs: number
}

/** How long a lapsed reservation stays. */
const lapsedMs = 3_600_000

/** Messages that are looked at with each new one, and when there is no room. */
const usualSteps = 2
const mostSteps = 256

const reserved: Reservation = Object.freeze({ outcome: 'reserved' })
const committed: Reservation = Object.freeze({ outcome: 'committed' })

/** {@link ReplayStore} in a map of this process. One call is one turn of the event loop, and that makes it atomic. */
export class MemoryReplayStore implements ReplayStore {
  readonly #messages = new Map<string, Message>()
  readonly #round = new Round(() => this.#messages.entries())
  readonly #maxMessages: number
  readonly #now: () => number
  readonly #originMs: number

  constructor(maxMessages: number, now: () => number) {
    this.#maxMessages = maxMessages
    this.#now = now
    this.#originMs = Math.floor(now())
  }

  reserve(id: string, token: string, leaseSeconds: number): Reservation {
    const nowMs = this.#nowMs()
    const message = this.#find(id, nowMs)
    const leaseUntilMs = nowMs + Math.ceil(leaseSeconds * 1000)
    const expiresAtMs = leaseUntilMs + lapsedMs
    if (message === undefined) {
      this.#makeRoom(nowMs)
      this.#messages.set(id, { token, isCommitted: false, leaseUntilMs, expiresAtMs })
      return reserved
    }
    if (message.isCommitted) return committed
    if (message.token !== token && nowMs < message.leaseUntilMs) {
      return { outcome: 'running', leaseRemainingMs: message.leaseUntilMs - nowMs }
    }
    message.token = token
    message.leaseUntilMs = leaseUntilMs
    message.expiresAtMs = expiresAtMs
    return reserved
  }

  commit(id: string, token: string, ttlSeconds: number): 'ok' | 'stale' {
    const nowMs = this.#nowMs()
    const message = this.#find(id, nowMs)
    if (message?.token !== token) return 'stale'
    if (message.isCommitted) return 'ok'
    message.isCommitted = true
    message.expiresAtMs = nowMs + Math.ceil(ttlSeconds * 1000)
    return 'ok'
  }

  release(id: string, token: string): 'ok' | 'stale' {
    const message = this.#find(id, this.#nowMs())
    if (message === undefined || message.isCommitted || message.token !== token) return 'stale'
    this.#messages.delete(id)
    return 'ok'
  }

  #find(id: string, nowMs: number): Message | undefined {
    const message = this.#messages.get(id)
    if (message === undefined || nowMs < message.expiresAtMs) return message
    this.#messages.delete(id)
    return undefined
  }

  #makeRoom(nowMs: number): void {
    const isFull = () => this.#messages.size >= this.#maxMessages
    for (let step = 0; step < usualSteps || (isFull() && step < mostSteps); step++) {
      const entry = this.#round.next()
      if (entry === undefined) break
      if (entry[1].expiresAtMs <= nowMs) this.#messages.delete(entry[0])
    }
    if (isFull()) throw new StoreError('full', 'The memory store has no room for another message')
  }

  #nowMs(): number {
    return Math.floor(this.#now()) - this.#originMs
  }
}
