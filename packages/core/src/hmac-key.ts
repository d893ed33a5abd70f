import { type Accumulator, type Digest, digest, digestText, hmacHasher } from './crypto.js'
import { mostShortBytes, ShortContent } from './short-content.js'

/**
 * A key that HMACs are made under (RFC 2104). From its second one on, that of a short message is two digests over memory that is used
 * again, at less than half the cost of an HMAC object. A key that is used once is not worth that memory.
 */
export class HmacKey {
  readonly #bytes: Uint8Array
  readonly #pads = new Map<Digest, Pads | undefined>()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  begin(algorithm: Digest): Accumulator {
    if (!this.#pads.has(algorithm)) {
      this.#pads.set(algorithm, undefined)
      return hmacHasher(algorithm, this.#bytes)
    }
    const pads = this.#pads.get(algorithm) ?? new Pads(algorithm, this.#bytes)
    this.#pads.set(algorithm, pads)
    const content = new ShortContent(() => hmacHasher(algorithm, this.#bytes))
    return {
      update: (piece) => content.update(piece),
      digest: () => content.long?.digest() ?? pads.digest(content),
    }
  }
}

/** The two blocks that a key makes, with room for what is hashed behind them. */
class Pads {
  readonly #algorithm: Digest
  readonly #blockBytes: number
  readonly #inner: Buffer
  readonly #outer: Buffer

  constructor(algorithm: Digest, key: Uint8Array) {
    this.#algorithm = algorithm
    this.#blockBytes = algorithm === 'sha384' || algorithm === 'sha512' ? 128 : 64
    const block = new Uint8Array(this.#blockBytes)
    block.set(key.length > this.#blockBytes ? digest(algorithm, key) : key)
    this.#inner = Buffer.alloc(this.#blockBytes + mostShortBytes)
    this.#inner.set(block.map((byte) => byte ^ 0x36))
    this.#outer = Buffer.alloc(this.#blockBytes + digest(algorithm, '').length)
    this.#outer.set(block.map((byte) => byte ^ 0x5c))
  }

  digest(content: ShortContent<Accumulator>): Uint8Array {
    const end = content.writeTo(this.#inner, this.#blockBytes)
    this.#outer.write(digestText(this.#algorithm, this.#inner.subarray(0, end), 'latin1'), this.#blockBytes, 'latin1')
    return Buffer.from(digestText(this.#algorithm, this.#outer, 'latin1'), 'latin1')
  }
}
