// Module state on purpose: `maxBufferedBytes` bounds the whole process, across every app and guard in it.
let heldBytes = 0

/** One request's share of the memory that the process spends on request bodies. */
export class Holding {
  #own = 0

  /** Adds to the share; `false` where the process would then hold more than `most` bytes. */
  take(bytes: number, most: number): boolean {
    if (heldBytes + bytes > most) return false
    heldBytes += bytes
    this.#own += bytes
    return true
  }

  /** Gives the whole share back. */
  release(): void {
    heldBytes -= this.#own
    this.#own = 0
  }
}
