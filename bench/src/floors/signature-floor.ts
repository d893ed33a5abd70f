import { timingSafeEqual } from 'node:crypto'
import { HmacFloor } from './hmac-floor.js'

const expected = Buffer.alloc(32)
const shown = Buffer.alloc(32)

/** HMAC-SHA-256 over the body, in hexadecimal under a prefix. */
export class HexFloor {
  readonly #hmac: HmacFloor

  constructor(secret: string) {
    this.#hmac = new HmacFloor(secret)
  }

  verify(body: Buffer, signature: string): boolean {
    expected.latin1Write(this.#hmac.ofBytes('', body), 0)
    shown.write(signature.slice(7), 0, 'hex')
    return timingSafeEqual(expected, shown)
  }
}

/** HMAC-SHA-256 over a head with a time that must be near, and the body. */
export class TimedFloor {
  readonly #hmac: HmacFloor
  readonly #encoding: 'base64' | 'hex'

  constructor(secret: Uint8Array | string, encoding: 'base64' | 'hex') {
    this.#hmac = new HmacFloor(secret)
    this.#encoding = encoding
  }

  verify(head: string, timestamp: string, body: Buffer, signature: string): boolean {
    if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false
    expected.latin1Write(this.#hmac.ofBytes(head, body), 0)
    shown.write(signature, 0, this.#encoding)
    return timingSafeEqual(expected, shown)
  }
}
