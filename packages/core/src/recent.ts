import { makeRoom } from './make-room.js'

/**
 * Says of an id whether it is the first time in a while. Bounded: of the ids that it remembers the oldest is forgotten, and is then
 * new again.
 */
export class Recent {
  readonly #spanMs: number
  readonly #most: number
  readonly #seenMs = new Map<string, number>()

  constructor(spanMs: number, most: number) {
    this.#spanMs = spanMs
    this.#most = most
  }

  /** Whether the id has not been admitted within the span; it then is. */
  admit(id: string, nowMs: number): boolean {
    const seenMs = this.#seenMs.get(id)
    if (seenMs !== undefined && nowMs - seenMs < this.#spanMs) return false
    this.#seenMs.delete(id)
    this.#seenMs.set(id, nowMs)
    makeRoom(this.#seenMs, this.#most)
    return true
  }

  forget(id: string): void {
    this.#seenMs.delete(id)
  }
}
