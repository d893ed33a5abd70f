import { fillRandom } from './crypto.js'

const poolBytes = 4096

/** What is asked for beyond so many bytes is drawn by itself: then the bytes cost, not the call. */
const mostPooledBytes = 512

/**
 * Random bytes drawn ahead: a draw from the system costs ten times what the bytes of a token do. Each byte is handed out once and
 * wiped as it is, so that what somebody has is not to be found here.
 */
export class RandomPool {
  #bytes: Buffer | undefined
  #at = poolBytes

  /** So many random bytes, spelled out. */
  text(size: number, encoding: 'base64url' | 'hex'): string {
    const bytes = this.#holding(size)
    const start = this.#at - size
    const text = bytes.toString(encoding, start, this.#at)
    bytes.fill(0, start, this.#at)
    return text
  }

  /** Puts random bytes into memory of the caller's own. */
  fill(target: Uint8Array): void {
    if (target.length > mostPooledBytes) {
      fillRandom(target)
      return
    }
    const bytes = this.#holding(target.length)
    const start = this.#at - target.length
    target.set(bytes.subarray(start, this.#at))
    bytes.fill(0, start, this.#at)
  }

  /** Where so many fresh bytes stand before `#at`. */
  #holding(size: number): Buffer {
    if (this.#bytes === undefined || this.#at + size > this.#bytes.length) {
      // What a start-up snapshot holds, every process that starts from it would hand out again.
      const length = size > mostPooledBytes || isBuildingSnapshot() ? size : poolBytes
      if (this.#bytes?.length !== length) this.#bytes = Buffer.alloc(length)
      fillRandom(this.#bytes)
      this.#at = 0
    }
    this.#at += size
    return this.#bytes
  }
}

function isBuildingSnapshot(): boolean {
  const v8 = globalThis.process?.getBuiltinModule?.('node:v8')
  return v8?.startupSnapshot?.isBuildingSnapshot() === true
}
