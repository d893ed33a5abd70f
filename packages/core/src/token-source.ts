import { base64url } from './bytes.js'
import { fillRandom } from './crypto.js'

const tokenBytes = 16

/** Random tokens of 128 bits, 22 base64url characters. A draw from the system costs more than a token: many come of one. */
export class TokenSource {
  readonly #pool: Uint8Array
  #at: number

  /** @param drawn how many tokens come of one draw. */
  constructor(drawn = 256) {
    this.#pool = new Uint8Array(drawn * tokenBytes)
    this.#at = this.#pool.length
  }

  next(): string {
    if (this.#at === this.#pool.length) {
      fillRandom(this.#pool)
      this.#at = 0
    }
    const token = base64url(this.#pool.subarray(this.#at, this.#at + tokenBytes))
    this.#at += tokenBytes
    return token
  }
}
