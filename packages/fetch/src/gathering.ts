/**
 * Bytes that arrive piece by piece. The pieces are copied together as they come: a sender of one-byte chunks would otherwise
 * make us keep an object, and the socket's buffer behind it, for every byte.
 */
export class Gathering {
  readonly #most: number
  #bytes = nothing
  #isCopied = false
  length = 0

  /** Room is made ahead for up to `most` bytes. */
  constructor(most: number) {
    this.#most = most
  }

  add(piece: Uint8Array): void {
    const needed = this.length + piece.length
    if (this.length === 0) {
      this.#bytes = piece
    } else {
      if (!this.#isCopied || needed > this.#bytes.length) {
        const grown = new Uint8Array(Math.max(needed, Math.min(2 * needed, this.#most)))
        grown.set(this.#bytes.subarray(0, this.length))
        this.#bytes = grown
        this.#isCopied = true
      }
      this.#bytes.set(piece, this.length)
    }
    this.length = needed
  }

  /** All pieces, one after the other. A single piece is handed back as it is. */
  whole(): Uint8Array {
    return this.#bytes.length === this.length ? this.#bytes : this.#bytes.slice(0, this.length)
  }
}

const nothing: Uint8Array = /* @__PURE__ */ new Uint8Array(0)
