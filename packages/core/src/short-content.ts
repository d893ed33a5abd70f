/** Most bytes that are kept. Of more, taking them in piece by piece costs less than it saves to wait. */
export const mostShortBytes = 4096
/** How many bytes a UTF-16 unit may come to in UTF-8. */
const mostUnitBytes = 3

type Piece = Uint8Array | string

/**
 * What is hashed or verified, piece by piece: kept as long as it is short, since one call over all of it costs far less than an
 * object that is fed; from then on handed over as it comes. Kept pieces must not change until the end.
 */
export class ShortContent<Long extends { update(piece: Piece): void }> {
  readonly #begin: () => Long
  #pieces: Piece[] = []
  #mostBytes = 0
  #long: Long | undefined

  /** @param begin makes what takes in a long content. */
  constructor(begin: () => Long) {
    this.#begin = begin
  }

  /** What has taken in the content, where it is long. */
  get long(): Long | undefined {
    return this.#long
  }

  update(piece: Piece): void {
    if (this.#long === undefined) {
      this.#mostBytes += typeof piece === 'string' ? piece.length * mostUnitBytes : piece.length
      if (this.#mostBytes <= mostShortBytes) {
        this.#pieces.push(piece)
        return
      }
      this.#long = this.#begin()
      for (const kept of this.#pieces) this.#long.update(kept)
      this.#pieces = []
    }
    this.#long.update(piece)
  }

  /** Writes what is short one behind the other, 4096 bytes at most; answers where it ends. */
  writeTo(target: Buffer, from: number): number {
    let at = from
    for (const piece of this.#pieces) {
      if (typeof piece === 'string') at += target.write(piece, at)
      else {
        target.set(piece, at)
        at += piece.length
      }
    }
    return at
  }

  /** The pieces as one. */
  whole(): Uint8Array {
    if (this.#pieces.length === 1 && typeof this.#pieces[0] !== 'string') return this.#pieces[0]!
    const bytes = Buffer.allocUnsafe(this.#mostBytes)
    return bytes.subarray(0, this.writeTo(bytes, 0))
  }
}
