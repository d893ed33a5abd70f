/** What every adapter needs to read a body within the bounds of {@link BodyOptions}. */
import { noBytes } from './bytes.js'
import { BodyError, type BodyOptions } from './guard.js'

/**
 * Bytes that arrive piece by piece. The pieces are copied together as they come: a sender of one-byte chunks would otherwise
 * make us keep an object, and the socket's buffer behind it, for every byte.
 */
export class Gathering {
  length = 0
  readonly #most: number
  #bytes = noBytes
  #isCopied = false

  /** @param most makes room ahead for up to so many bytes. */
  constructor(most: number) {
    this.#most = most
  }

  add(piece: Uint8Array): void {
    const needed = this.length + piece.length
    if (this.length === 0) this.#bytes = piece
    else {
      if (!this.#isCopied || needed > this.#bytes.length) this.#grow(needed)
      this.#bytes.set(piece, this.length)
    }
    this.length = needed
  }

  /** All pieces, one after the other. A single piece is handed back as it is. */
  whole(): Uint8Array {
    return this.#bytes.length === this.length ? this.#bytes : this.#bytes.subarray(0, this.length)
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, Math.min(2 * needed, this.#most)))
    grown.set(this.#bytes.subarray(0, this.length))
    this.#bytes = grown
    this.#isCopied = true
  }
}

/** The memory that request bodies take. An adapter has one for the whole process: `maxBufferedBytes` bounds what is in it. */
export class HeldBytes {
  bytes = 0
}

/** One request's share of {@link HeldBytes}. */
export class HeldShare {
  readonly #held: HeldBytes
  #own = 0

  constructor(held: HeldBytes) {
    this.#held = held
  }

  /** Adds to the share; `false` where more than `most` bytes would then be held in all. */
  take(bytes: number, most: number): boolean {
    if (this.#held.bytes + bytes > most) return false
    this.#held.bytes += bytes
    this.#own += bytes
    return true
  }

  /** Gives the whole share back. */
  release(): void {
    this.#held.bytes -= this.#own
    this.#own = 0
  }
}

/**
 * Bytes that are here already, under the bounds of a guard that asks for them now.
 *
 * @throws BodyError `too-large`.
 */
export function handOn<Bytes extends Uint8Array>(bytes: Bytes, { maxBytes, onChunk }: BodyOptions): Bytes {
  if (bytes.length > maxBytes) throw new BodyError('too-large')
  if (bytes.length > 0) onChunk?.(bytes)
  return bytes
}
