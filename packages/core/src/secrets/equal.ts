import { digest, equalBytes } from '../crypto.js'
import { ConfigurationError } from '../errors.js'

/**
 * Whether two secrets are equal, in time that tells nothing of where they differ or whether their lengths do: both are
 * hashed, and the digests are compared in constant time. A text counts as its UTF-8 bytes.
 *
 * @throws ConfigurationError where either is neither a text nor bytes: a secret that is not configured must not equal a
 * header that was not sent.
 *
 * @example
 * ```ts
 * import { equal } from '@latchkey/core'
 *
 * const isAdmin = (presented: string) => equal(presented, 'the token of the administrator')
 * ```
 */
export function equal(a: Uint8Array | string, b: Uint8Array | string): boolean {
  // Both sides are hashed before either is looked at, so that the work does not depend on the answer.
  const isSame = equalBytes(digest('sha256', checked(a)), digest('sha256', checked(b)))
  return isSame && isWellFormed(a) && isWellFormed(b)
}

/** `isView` and not `instanceof`: bytes from another realm (a jest sandbox, a vm) are bytes too. */
function checked(value: Uint8Array | string): Uint8Array | string {
  if (typeof value === 'string' || ArrayBuffer.isView(value)) return value
  const came = value === null ? 'null' : typeof value
  throw new ConfigurationError('invalid-option', `equal: both sides must be a text or bytes, one is ${came}`)
}

/** A lone surrogate has no UTF-8 bytes: all of them become the same replacement character, and so would equal each other. */
function isWellFormed(value: Uint8Array | string): boolean {
  return typeof value !== 'string' || !/\p{Surrogate}/u.test(value)
}
