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
 * A digest as text: in latin1 one character a byte. What is asked for as text costs a third of what it does as bytes, and a text
 * that is hashed at once a third of one that is fed.
 */
export function digestText(algorithm: Digest, bytes: Uint8Array | string, encoding: DigestEncoding): string {
  // Not every runtime has the shorter way.
  return node.hash === undefined
    ? node
        .createHash(algorithm)
        .update(bytes)
        .digest(encoding as 'hex')
    : node.hash(algorithm, bytes, encoding as 'hex')
}

/** An HMAC as text. */
export function hmacText(algorithm: Digest, key: Uint8Array, text: string, encoding: DigestEncoding): string {
  return node
    .createHmac(algorithm, key)
    .update(text)
    .digest(encoding as 'hex')
}

/** How a digest is spelled; Node's types leave latin1 out. */
export type DigestEncoding = 'base64url' | 'hex' | 'latin1'

/** Of SHA-256, which both sizes of an HMAC under it come from (RFC 2104 section 2). */
const blockBytes = 64
const digestBytes = 32

/** Most UTF-8 bytes of a text that is hashed in one go, and how many one UTF-16 unit may come to. */
const mostShortBytes = 1536
const mostUnitBytes = 3

/**
 * HMAC-SHA-256 of texts under one key. Of a short text it is two digests over memory that is used again, at a third of the cost of
 * an HMAC object for each.
 */
export class TextHmac {
  readonly #key: Uint8Array
  readonly #inner = Buffer.alloc(blockBytes + mostShortBytes)
  readonly #outer = Buffer.alloc(blockBytes + digestBytes)
  #filled = this.#inner

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(key)
    const block = new Uint8Array(blockBytes)
    block.set(key.length > blockBytes ? digest('sha256', key) : key)
    this.#inner.set(block.map((byte) => byte ^ 0x36))
    this.#outer.set(block.map((byte) => byte ^ 0x5c))
  }

  digest(text: string, encoding: DigestEncoding): string {
    if (text.length * mostUnitBytes > mostShortBytes) {
      return node
        .createHmac('sha256', this.#key)
        .update(text)
        .digest(encoding as 'hex')
    }
    const length = blockBytes + this.#inner.write(text, blockBytes)
    if (this.#filled.length !== length) this.#filled = this.#inner.subarray(0, length)
    this.#outer.write(digestText('sha256', this.#filled, 'latin1'), blockBytes, 'latin1')
    return digestText('sha256', this.#outer, encoding)
  }
}

/**
 * Whether two byte strings are equal, in time that depends on their lengths alone.
 *
 * @remarks Lengths are compared first: pass digests, whose length is public. For secrets of unknown length use `equal`.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && node.timingSafeEqual(a, b)
}

/** Compares texts of one length, in time that depends on nothing else, over memory that is used again. */
export class EqualTexts {
  readonly #one: Buffer
  readonly #other: Buffer

  constructor(length: number) {
    this.#one = Buffer.alloc(length)
    this.#other = Buffer.alloc(length)
  }

  /** A text of another length equals none. */
  areSame(one: string, other: string): boolean {
    const { length } = this.#one
    if (one.length !== length || other.length !== length) return false
    this.#one.write(one, 'latin1')
    this.#other.write(other, 'latin1')
    // What latin1 has no byte for is cut to one: where the bytes are the same, the texts are looked at once more.
    return node.timingSafeEqual(this.#one, this.#other) && one === other
  }
}

/** SPKI DER header of a raw Ed25519 public key (RFC 8410 section 4) and PKCS #8 header of a raw seed (section 7). */
const ed25519Spki = Buffer.from('302a300506032b6570032100', 'hex')
const ed25519Pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** SPKI DER header of an uncompressed point on P-256 (RFC 5480 section 2). */
const p256Spki = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')

/** A key that verifies or signs; opaque to everything above this file. */
export type KeyHandle = node.KeyObject

/** What an asymmetric key is for: Ed25519, ECDSA on P-256 with SHA-256, or RSA. */
export type KeyType = 'ed25519' | 'p256' | 'rsa'

/** The handle of a public key: raw (32 bytes of Ed25519, 65 uncompressed ones of P-256) or SPKI in DER. Throws at any other. */
export function publicKey(type: KeyType, bytes: Uint8Array): KeyHandle {
  const header =
    bytes.length === 32 && type === 'ed25519' ? ed25519Spki : type === 'p256' && bytes.length === 65 ? p256Spki : []
  const key = node.createPublicKey({ key: Buffer.from([...header, ...bytes]), format: 'der', type: 'spki' })
  return ofType(type, key)
}

/** The handle of a private key: a raw 32-byte seed of Ed25519, or PKCS #8 in DER. Throws at any other. */
export function privateKey(type: KeyType, bytes: Uint8Array): KeyHandle {
  const header = bytes.length === 32 && type === 'ed25519' ? ed25519Pkcs8 : []
  const key = node.createPrivateKey({ key: Buffer.from([...header, ...bytes]), format: 'der', type: 'pkcs8' })
  return ofType(type, key)
}

function ofType(type: KeyType, key: KeyHandle): KeyHandle {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  const isRight =
    type === 'p256'
      ? namedCurve === 'prime256v1'
      : key.asymmetricKeyType === type && (type !== 'rsa' || modulusLength >= 2048)
  if (!isRight) throw new TypeError(`not a key of ${type}`)
  return key
}

/** Ed25519 hashes by itself (RFC 8032); the others take SHA-256. */
function hashOf(key: KeyHandle): 'sha256' | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
}

/**
 * Whether a signature is right: Ed25519, ECDSA in DER, RSASSA PKCS #1 v1.5. The key goes in by itself: beside options Workers
 * take no handle.
 */
export function verifySignature(key: KeyHandle, message: Uint8Array, signature: Uint8Array): boolean {
  return node.verify(hashOf(key), message, key, signature)
}

/** The check of one signature over a message that is fed piece by piece. A string counts as its UTF-8 bytes. */
export interface SignatureVerifier {
  update(bytes: Uint8Array | string): void
  /** Whether the signature is right; asked once, last. */
  verify(signature: Uint8Array): boolean
}

/** {@link verifySignature} piece by piece. Ed25519 needs its message whole: it hashes it with the signature (RFC 8032 5.1.7). */
export function signatureVerifier(key: KeyHandle): SignatureVerifier {
  const inner = node.createVerify('sha256')
  return {
    update: (bytes) => {
      inner.update(bytes)
    },
    verify: (signature) => inner.verify(key, signature),
  }
}

/** A signature as {@link verifySignature} takes it. */
export function makeKeySignature(key: KeyHandle, message: Uint8Array): Uint8Array {
  return node.sign(hashOf(key), message, key)
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
