import { hex } from '../bytes.js'
import { fillRandom } from '../crypto.js'
import { ConfigurationError } from '../errors.js'
import { shown } from '../option-reader.js'

/** Options of {@link idempotencyKey}. */
export interface IdempotencyKeyOptions {
  /** Epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number
}

/**
 * A fresh key for the `Idempotency-Key` field: a UUIDv7 (RFC 9562 section 5.7), 36 characters. 74 bits are random; the
 * first 48 are the time, so that a server can tell a key that is too old (`maxKeyAgeSeconds`) and an index stays compact.
 * Make one for each operation and send it again with each retry. It is unique, not secret.
 *
 * @example
 * ```ts
 * import { idempotencyKey } from '@latchkey/core'
 *
 * const key = idempotencyKey()
 * const pay = () => fetch('https://api.example.com/payments', { method: 'POST', headers: { 'idempotency-key': key } })
 * await pay().catch(pay)
 * ```
 */
export function idempotencyKey({ now = Date.now }: IdempotencyKeyOptions = {}): string {
  const timeMs = Math.floor(now())
  if (!(timeMs >= 0 && timeMs < 2 ** 48)) {
    throw new ConfigurationError(
      'invalid-option',
      `idempotencyKey: "now" must answer epoch milliseconds, it answered ${shown(timeMs)}`,
    )
  }
  const bytes = new Uint8Array(16)
  fillRandom(bytes)
  for (let at = 5, rest = timeMs; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
