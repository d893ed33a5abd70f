import { ConfigurationError } from '@latchkey/core'
import {
  type HttpSignatureAlgorithm,
  handleDigest,
  httpSignatureAlgorithms,
  type KeyHandle,
  type KeyMaterial,
  signingHandle,
  verifyingHandle,
} from './crypto.js'

/** What a key is made from. */
export interface KeyOptions {
  /** The one algorithm that the key is for: a message that names another is refused. */
  readonly algorithm: HttpSignatureAlgorithm
  /** PEM or a JSON Web Key; the 32 bytes of an Ed25519 public key; for `hmac-sha256` the secret. */
  readonly key: KeyMaterial
  /** What messages call it. */
  readonly keyid?: string
}

/** A key that verifies. Printing it shows nothing of it. */
export interface VerificationKey {
  readonly algorithm: HttpSignatureAlgorithm
  readonly keyid: string | undefined
  readonly handle: KeyHandle
  /** SHA-256 of what the key is. */
  readonly digest: Uint8Array
}

/** A key that signs. Printing it shows nothing of it. */
export interface SigningKey {
  readonly algorithm: HttpSignatureAlgorithm
  readonly keyid: string | undefined
  readonly signingHandle: KeyHandle
}

/**
 * A key for verifying: the public key, or the shared secret of `hmac-sha256`.
 *
 * @example
 * ```ts
 * import { verificationKey } from '@latchkey/http-signatures'
 *
 * const keyOf = (pem: string) => verificationKey({ algorithm: 'ed25519', key: pem, keyid: 'partner-2026' })
 * ```
 *
 * @throws ConfigurationError where it is not a key of that kind, or is a private one.
 */
export function verificationKey(options: KeyOptions): VerificationKey {
  const { algorithm, keyid } = checked('verificationKey', options)
  const handle = verifyingHandle(algorithm, options.key, 'verificationKey: "key"')
  return { algorithm, keyid, handle, digest: handleDigest(handle) }
}

/**
 * A key for signing: the private key, or the shared secret of `hmac-sha256`.
 *
 * @example
 * ```ts
 * import { signingKey } from '@latchkey/http-signatures'
 *
 * const keyOf = (pem: string) => signingKey({ algorithm: 'ecdsa-p256-sha256', key: pem, keyid: 'ours-2026' })
 * ```
 *
 * @throws ConfigurationError where it is not a key of that kind.
 */
export function signingKey(options: KeyOptions): SigningKey {
  const { algorithm, keyid } = checked('signingKey', options)
  return { algorithm, keyid, signingHandle: signingHandle(algorithm, options.key, 'signingKey: "key"') }
}

function checked(factory: string, { algorithm, keyid, key }: KeyOptions) {
  if (!httpSignatureAlgorithms.includes(algorithm)) {
    const expected = httpSignatureAlgorithms.join(', ')
    throw new ConfigurationError('invalid-option', `${factory}: "algorithm" must be one of ${expected}`)
  }
  if (keyid !== undefined && !/^[\x20-\x7e]{1,255}$/.test(keyid)) {
    throw new ConfigurationError('invalid-option', `${factory}: "keyid" must be 1 to 255 printable ASCII characters`)
  }
  if (key === undefined || key === null) {
    throw new ConfigurationError('invalid-option', `${factory}: "key" must be PEM, a JSON Web Key, or bytes`)
  }
  return { algorithm, keyid }
}

/** Whether something is what {@link verificationKey} makes. */
export function isVerificationKey(value: unknown): value is VerificationKey {
  return typeof value === 'object' && value !== null && 'handle' in value && 'algorithm' in value
}
