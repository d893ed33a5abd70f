/** What every adapter needs to read a body within the bounds of {@link BodyOptions}. */
import { concat, noBytes } from './bytes.js'
import { BodyError, type BodyOptions } from './guard.js'

/** Smaller pieces are copied together: each would cost an object, and perhaps a socket's buffer behind it. */
const smallBytes = 4096

/** Most bytes that are allotted at once for small pieces. */
const blockBytes = 64 * 1024

/**
 * Bytes that arrive piece by piece. A large piece is kept as it came, so that a large body is copied once, when it is whole;
 * small ones are copied together as they come: a sender of one-byte chunks would otherwise make us keep an object, and the
 * memory behind it, for every byte.
 */
export class Gathering {
  length = 0
  readonly #pieces: Uint8Array[] = []
  /** Small pieces, of which those from `#from` to `#to` stand after all that is in `#pieces`. */
  #block = noBytes
  #from = 0
  #to = 0

  add(piece: Uint8Array): void {
    if (piece.length === 0) return
    // Whether the first of several is small matters once there is a second.
    if (this.#pieces.length === 1 && this.#to === 0 && isSmall(this.#pieces[0]!)) this.#copy(this.#pieces.pop()!)
    if (this.length > 0 && isSmall(piece)) this.#copy(piece)
    else {
      this.#closeRun()
      this.#pieces.push(piece)
    }
    this.length += piece.length
  }

  /** All pieces, one after the other. A single piece is handed back as it is. */
  whole(): Uint8Array {
    this.#closeRun()
    const whole = concat(this.#pieces.splice(0))
    if (this.length > 0) this.#pieces.push(whole)
    return whole
  }

  #copy(piece: Uint8Array): void {
    if (this.#to + piece.length > this.#block.length) {
      this.#closeRun()
      this.#block = new Uint8Array(Math.max(piece.length, Math.min(Math.max(this.length, 64), blockBytes)))
      this.#from = 0
      this.#to = 0
    }
    this.#block.set(piece, this.#to)
    this.#to += piece.length
  }

  #closeRun(): void {
    if (this.#to > this.#from) this.#pieces.push(this.#block.subarray(this.#from, this.#to))
    this.#from = this.#to
  }
}

/** Whether keeping a piece would cost much more than its bytes. */
function isSmall({ length, buffer }: Uint8Array): boolean {
  return length < smallBytes || 2 * length < buffer.byteLength
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
