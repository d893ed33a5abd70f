import { createHmac, hash } from 'node:crypto'

const blockBytes = 64
const most = 4096

/**
 * HMAC-SHA-256 (RFC 2104 section 2) as latin1 text. Of a short message by two one-shot hashes over memory that is used again,
 * which costs less than half of `createHmac`; of a longer one by `createHmac`.
 */
export class HmacFloor {
  readonly #secret: Buffer
  readonly #inner = Buffer.alloc(blockBytes + most)
  readonly #outer = Buffer.alloc(blockBytes + 32)

  /** @param secret at most 64 bytes. */
  constructor(secret: Uint8Array | string) {
    this.#secret = Buffer.from(secret as Uint8Array)
    const block = Buffer.alloc(blockBytes)
    block.set(this.#secret)
    for (let at = 0; at < blockBytes; at++) {
      this.#inner[at] = block[at]! ^ 0x36
      this.#outer[at] = block[at]! ^ 0x5c
    }
  }

  ofText(text: string): string {
    const length = this.#inner.latin1Write(text, blockBytes)
    return this.#close(length)
  }

  /** Of a text and the bytes behind it. */
  ofBytes(head: string, bytes: Buffer): string {
    if (head.length + bytes.length > most) {
      const mac = createHmac('sha256', this.#secret)
      if (head !== '') mac.update(head, 'latin1')
      return mac.update(bytes).digest('latin1')
    }
    const length = this.#inner.latin1Write(head, blockBytes)
    bytes.copy(this.#inner, blockBytes + length)
    return this.#close(length + bytes.length)
  }

  #close(length: number): string {
    this.#outer.latin1Write(hash('sha256', this.#inner.subarray(0, blockBytes + length), 'latin1'), blockBytes)
    return hash('sha256', this.#outer, 'latin1')
  }
}
