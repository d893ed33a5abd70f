/** Bytes that arrive piece by piece. */
export class Gathering {
  length = 0
  readonly #most: number
  #bytes: Buffer = Buffer.alloc(0)
  #isOwn = false

  /** @param most makes room ahead for up to so many bytes. */
  constructor(most: number) {
    this.#most = most
  }

  /** Copies from the second piece on: a list of one-byte pieces would cost a hundred times the bytes in it. */
  add(piece: Buffer): void {
    const needed = this.length + piece.length
    if (this.length === 0) this.#bytes = piece
    else {
      if (!this.#isOwn || needed > this.#bytes.length) this.#grow(needed)
      piece.copy(this.#bytes, this.length)
    }
    this.length = needed
  }

  /** All pieces, one after the other. A single piece is handed back as it is. */
  whole(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(2 * needed, this.#most)))
    this.#bytes.copy(grown, 0, 0, this.length)
    this.#bytes = grown
    this.#isOwn = true
  }
}
