/**
 * The only file that imports `node:crypto`, which Node, Bun, Deno and Workers all have, synchronous and fast. Everything
 * above speaks of bytes.
 */
import * as node from 'node:crypto'

/** A digest algorithm by its `node:crypto` name. */
export type Digest = 'sha1' | 'sha256' | 'sha384' | 'sha512'

/** Fills `target` from the system CSPRNG. */
export function fillRandom(target: Uint8Array): void {
  node.randomFillSync(target)
}

/** Uniform over `0 <= n < bound`, without modulo bias; `bound` at most 2^48 - 1. */
export function randomInteger(bound: number): number {
  return node.randomInt(bound)
}

/** A hash or MAC that is fed piece by piece. A string counts as its UTF-8 bytes. */
export interface Accumulator {
  update(bytes: Uint8Array | string): void
  digest(): Uint8Array
}

function accumulate(inner: node.Hash | node.Hmac): Accumulator {
  return {
    update: (bytes) => {
      inner.update(bytes)
    },
    digest: () => inner.digest(),
  }
}

export function hasher(algorithm: Digest): Accumulator {
  return accumulate(node.createHash(algorithm))
}

export function hmacHasher(algorithm: Digest, key: Uint8Array): Accumulator {
  return accumulate(node.createHmac(algorithm, key))
}

/** A string counts as its UTF-8 bytes. */
export function digest(algorithm: Digest, bytes: Uint8Array | string): Uint8Array {
  return node.createHash(algorithm).update(bytes).digest()
}

/** A string counts as its UTF-8 bytes. */
export function hmac(algorithm: Digest, key: Uint8Array, bytes: Uint8Array | string): Uint8Array {
  return node.createHmac(algorithm, key).update(bytes).digest()
}

/**
 * Whether two byte strings are equal, in time that depends on their lengths alone.
 *
 * @remarks Lengths are compared first: pass digests, whose length is public. For secrets of unknown length use `equal`.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && node.timingSafeEqual(a, b)
}

/** SPKI DER header of a raw Ed25519 public key (RFC 8410 section 4) and PKCS #8 header of a raw seed (section 7). */
const ed25519Spki = Buffer.from('302a300506032b6570032100', 'hex')
const ed25519Pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A key that verifies or signs; opaque to everything above this file. */
export type KeyHandle = node.KeyObject

/** The handle of a raw 32-byte Ed25519 public key. Throws where the bytes are no key. */
export function ed25519PublicKey(raw: Uint8Array): KeyHandle {
  return node.createPublicKey({ key: Buffer.concat([ed25519Spki, raw]), format: 'der', type: 'spki' })
}

/** The handle of a raw 32-byte Ed25519 seed. Throws where the bytes are no key. */
export function ed25519PrivateKey(seed: Uint8Array): KeyHandle {
  return node.createPrivateKey({ key: Buffer.concat([ed25519Pkcs8, seed]), format: 'der', type: 'pkcs8' })
}

export function ed25519Verify(key: KeyHandle, message: Uint8Array, signature: Uint8Array): boolean {
  return node.verify(null, message, key, signature)
}

export function ed25519Sign(key: KeyHandle, message: Uint8Array): Uint8Array {
  return node.sign(null, message, key)
}

/** The handle of an ECDSA public key on P-256, in PEM. Throws where the text is anything else. */
export function p256PublicKey(pem: string): KeyHandle {
  const key = node.createPublicKey({ key: pem, format: 'pem' })
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  throw new TypeError('not a key on P-256')
}

/** Whether an ECDSA signature (DER) over the SHA-256 of the message is right. */
export function p256Verify(key: KeyHandle, message: Uint8Array, signature: Uint8Array): boolean {
  return node.verify('sha256', message, key, signature)
}
