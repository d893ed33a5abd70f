/** The only file that imports `node:crypto`: keys, signatures, digests. Everything above speaks of bytes. */
import * as node from 'node:crypto'
import { ConfigurationError } from '@latchkey/core'

/** The algorithms that RFC 9421 registers (section 6.2.2). */
export type HttpSignatureAlgorithm =
  | 'rsa-pss-sha512'
  | 'rsa-v1_5-sha256'
  | 'hmac-sha256'
  | 'ecdsa-p256-sha256'
  | 'ecdsa-p384-sha384'
  | 'ed25519'

interface AlgorithmRow {
  /** Kinds of asymmetric key by their `node:crypto` names; none for a MAC. */
  readonly keyTypes: readonly string[]
  readonly curve?: string
  readonly hash?: string
  readonly options?: node.SigningOptions
  /** Exact length of a signature; absent where the key's modulus decides it. */
  readonly signatureBytes?: number
}

const rsaPss = { padding: node.constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }
const p1363 = { dsaEncoding: 'ieee-p1363' } as const
const rows: Readonly<Record<HttpSignatureAlgorithm, AlgorithmRow>> = {
  'rsa-pss-sha512': { keyTypes: ['rsa', 'rsa-pss'], hash: 'sha512', options: rsaPss },
  'rsa-v1_5-sha256': { keyTypes: ['rsa'], hash: 'sha256', options: { padding: node.constants.RSA_PKCS1_PADDING } },
  'hmac-sha256': { keyTypes: [], signatureBytes: 32 },
  'ecdsa-p256-sha256': { keyTypes: ['ec'], curve: 'prime256v1', hash: 'sha256', options: p1363, signatureBytes: 64 },
  'ecdsa-p384-sha384': { keyTypes: ['ec'], curve: 'secp384r1', hash: 'sha384', options: p1363, signatureBytes: 96 },
  ed25519: { keyTypes: ['ed25519'], signatureBytes: 64 },
}

/** Every registered algorithm. */
export const httpSignatureAlgorithms = Object.keys(rows) as readonly HttpSignatureAlgorithm[]

/** RSA keys of fewer bits are refused (NIST SP 800-131A). */
const leastModulusBits = 2048

/**
 * What a key is made of: PEM text or a JSON Web Key; the 32 bytes of an Ed25519 public key; for a MAC the secret, as bytes or
 * as a text that counts as its UTF-8 bytes.
 */
export type KeyMaterial = string | Uint8Array | Readonly<Record<string, unknown>>

/** A key, ready for use. Printing it shows nothing of it. */
export type KeyHandle = node.KeyObject

/** @throws ConfigurationError where the material is no key that verifies with the algorithm; nothing of it is shown. */
export function verifyingHandle(algorithm: HttpSignatureAlgorithm, material: KeyMaterial, where: string): KeyHandle {
  if (algorithm === 'hmac-sha256') return secretHandle(material, where)
  if (isPrivate(material)) {
    throw new ConfigurationError('invalid-option', `${where} is a signing key; to verify, give its public key`)
  }
  return fitting(algorithm, () => node.createPublicKey(readable(material, true)), where)
}

/** @throws ConfigurationError where the material is no key that signs with the algorithm; nothing of it is shown. */
export function signingHandle(algorithm: HttpSignatureAlgorithm, material: KeyMaterial, where: string): KeyHandle {
  if (algorithm === 'hmac-sha256') return secretHandle(material, where)
  return fitting(algorithm, () => node.createPrivateKey(readable(material, false)), where)
}

function secretHandle(material: KeyMaterial, where: string): KeyHandle {
  const isText = typeof material === 'string'
  // Who takes a published public key for a secret lets anybody sign.
  const isPem = isText && material.includes('-----BEGIN')
  const bytes = isText ? Buffer.from(material) : material
  const isBlank = isText && material.trim() === ''
  if (isPem || isBlank || !(bytes instanceof Uint8Array) || bytes.length === 0) {
    throw new ConfigurationError('invalid-option', `${where} must be a secret: bytes, or a text that is not blank`)
  }
  return node.createSecretKey(bytes)
}

function isPrivate(material: KeyMaterial): boolean {
  if (typeof material === 'string') return material.includes('PRIVATE KEY-----')
  return !(material instanceof Uint8Array) && typeof material === 'object' && material !== null && 'd' in material
}

function readable(material: KeyMaterial, isPublic: boolean): string | node.JsonWebKeyInput {
  if (typeof material === 'string') return material
  if (!(material instanceof Uint8Array)) return { key: material as node.JsonWebKey, format: 'jwk' }
  if (!isPublic || material.length !== 32) throw new TypeError('not the bytes of an Ed25519 public key')
  const x = Buffer.from(material).toString('base64url')
  return { key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }
}

function fitting(algorithm: HttpSignatureAlgorithm, make: () => KeyHandle, where: string): KeyHandle {
  const { keyTypes, curve } = rows[algorithm]
  let handle: KeyHandle
  try {
    handle = make()
  } catch {
    throw new ConfigurationError('invalid-option', `${where} cannot be read as a key for ${algorithm}`)
  }
  const { asymmetricKeyType = '', asymmetricKeyDetails = {} } = handle
  if (!keyTypes.includes(asymmetricKeyType) || (curve !== undefined && asymmetricKeyDetails.namedCurve !== curve)) {
    throw new ConfigurationError('invalid-option', `${where} is a key of another kind than ${algorithm} takes`)
  }
  const { modulusLength = leastModulusBits } = asymmetricKeyDetails
  if (modulusLength < leastModulusBits) {
    throw new ConfigurationError('invalid-option', `${where} must have at least ${leastModulusBits} bits`)
  }
  return handle
}

/** Whether a signature over `base` is right for the key; in constant time for a MAC. Never throws. */
export function isRight(
  algorithm: HttpSignatureAlgorithm,
  handle: KeyHandle,
  base: Uint8Array,
  shown: Uint8Array,
): boolean {
  const { hash, options, signatureBytes } = rows[algorithm]
  if (signatureBytes !== undefined && shown.length !== signatureBytes) return false
  if (algorithm === 'hmac-sha256') return node.timingSafeEqual(mac(handle, base), shown)
  try {
    if (hash === undefined) return node.verify(null, base, handle, shown)
    return keyed(handle, options, (key) => node.createVerify(hash).update(base).verify(key, shown))
  } catch {
    return false
  }
}

/** The signature over `base`. */
export function makeSignature(algorithm: HttpSignatureAlgorithm, handle: KeyHandle, base: Uint8Array): Uint8Array {
  if (algorithm === 'hmac-sha256') return mac(handle, base)
  const { hash, options } = rows[algorithm]
  if (hash === undefined) return node.sign(null, base, handle)
  return keyed(handle, options, (key) => node.createSign(hash).update(base).sign(key))
}

/** A key as it goes beside options: a handle, or on Workers the bytes of one. */
type KeyInput = node.SigningOptions & { readonly key: KeyHandle }

/**
 * What `work` makes of the key with its options. Workers take no handle beside options, so there the key is written out; nor do
 * their `verify` and `sign` heed a padding, so `work` is done by `createVerify` and `createSign`.
 */
function keyed<Answer>(
  handle: KeyHandle,
  options: node.SigningOptions | undefined,
  work: (key: KeyInput) => Answer,
): Answer {
  try {
    return work({ key: handle, ...options })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const type = handle.type === 'private' ? 'pkcs8' : 'spki'
    const written = { key: handle.export({ format: 'der', type } as never), format: 'der', type }
    return work({ ...written, ...options } as unknown as KeyInput)
  }
}

function mac(handle: KeyHandle, base: Uint8Array): Uint8Array {
  return node.createHmac('sha256', handle).update(base).digest()
}

/** SHA-256 of what the key is. */
export function handleDigest(handle: KeyHandle): Uint8Array {
  const bytes = handle.type === 'secret' ? handle.export() : handle.export({ type: 'spki', format: 'der' })
  return digest('sha256', bytes)
}

export function digest(algorithm: 'sha256' | 'sha512', bytes: Uint8Array): Uint8Array {
  return node.createHash(algorithm).update(bytes).digest()
}

/** A hash that is fed piece by piece. */
export function hasher(algorithm: 'sha256' | 'sha512'): { update(bytes: Uint8Array): void; digest(): Uint8Array } {
  const hash = node.createHash(algorithm)
  return {
    update: (bytes) => {
      hash.update(bytes)
    },
    digest: () => hash.digest(),
  }
}

/** In time that depends on the lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && node.timingSafeEqual(a, b)
}

/** 128 random bits, 22 base64url characters. */
export function freshNonce(): string {
  return node.randomBytes(16).toString('base64url')
}
