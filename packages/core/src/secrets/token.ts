import { fillRandom } from '../crypto.js'
import { ConfigurationError } from '../errors.js'
import { shown } from '../option-reader.js'
import { RandomPool } from '../random-pool.js'

/** Options of the token functions. */
export interface TokenOptions {
  /**
   * Accepts fewer than 16 bytes.
   *
   * @remarks Insecure if the token is a secret: under 128 bits it may be guessed or met by chance.
   * @defaultValue `false`
   */
  readonly acceptWeak?: boolean
}

/** 128 bits: RFC 6749 section 10.10 wants a token guessed with a probability of 2^-128 at most. */
const leastBytes = 16
const mostBytes = 1024 * 1024
const mostBatchBytes = 64 * 1024 * 1024
const mostTokens = 1_000_000

const pool = /* @__PURE__ */ new RandomPool()

/**
 * Bytes from the system's CSPRNG, in memory of their own.
 *
 * @param size 16 to 1,048,576; less with `acceptWeak`.
 *
 * @example
 * ```ts
 * import { tokenBytes } from '@latchkey/core'
 *
 * const pepper = tokenBytes(32)
 * ```
 */
export function tokenBytes(size = 32, options: TokenOptions = {}): Uint8Array {
  checkSize('tokenBytes', size, options)
  const bytes = new Uint8Array(size)
  fillRandom(bytes)
  return bytes
}

/** `size` random bytes as hexadecimal text, two characters each. */
export function tokenHex(size = 32, options: TokenOptions = {}): string {
  checkSize('tokenHex', size, options)
  return pool.text(size, 'hex')
}

/**
 * `size` random bytes as base64url text (RFC 4648 section 5, no padding), fit for URLs, file names and header fields: 43
 * characters for 32 bytes.
 *
 * @example
 * ```ts
 * import { tokenUrlsafe } from '@latchkey/core'
 *
 * const session = tokenUrlsafe() // 256 bits
 * ```
 */
export function tokenUrlsafe(size = 32, options: TokenOptions = {}): string {
  checkSize('tokenUrlsafe', size, options)
  return pool.text(size, 'base64url')
}

/**
 * Tokens as {@link tokenUrlsafe} makes them, `count` of them from one draw: cheaper where many are needed at once. Each is
 * a text of its own, none keeps the others in memory.
 *
 * @param count up to 1,000,000; all together at most 64 MiB.
 */
export function tokenBatch(count: number, size = 32, options: TokenOptions = {}): string[] {
  checkSize('tokenBatch', size, options)
  if (!Number.isInteger(count) || count < 0 || count > mostTokens || count * size > mostBatchBytes) {
    throw new ConfigurationError(
      'invalid-option',
      `tokenBatch: "count" must be a whole number up to ${mostTokens} for 64 MiB at most, it is ${shown(count)}`,
    )
  }
  const bytes = Buffer.alloc(count * size)
  fillRandom(bytes)
  const tokens = new Array<string>(count)
  for (let index = 0; index < count; index++) {
    tokens[index] = bytes.toString('base64url', index * size, (index + 1) * size)
  }
  bytes.fill(0)
  return tokens
}

function checkSize(name: string, size: number, { acceptWeak = false }: TokenOptions): void {
  const least = acceptWeak === true ? 1 : leastBytes
  if (Number.isInteger(size) && size >= least && size <= mostBytes) return
  throw new ConfigurationError(
    'invalid-option',
    `${name}: "size" must be ${least} to ${mostBytes} bytes (less than 16 with acceptWeak: true), it is ${shown(size)}`,
  )
}
