import { concat, utf8 } from '../../bytes.js'
import {
  type Accumulator,
  type Digest,
  digest,
  equalBytes,
  hasher,
  type KeyHandle,
  makeKeySignature,
  type SignatureVerifier,
  signatureVerifier,
  verifySignature,
} from '../../crypto.js'
import type { HmacKey } from '../../hmac-key.js'
import { ShortContent } from '../../short-content.js'
import { fromDer, toDer } from './ecdsa-der.js'
import type { SecretKind, SignatureAlgorithm } from './scheme.js'

interface AlgorithmRow {
  /** The kind of secret that verifies it. */
  readonly verifiesWith: SecretKind
  readonly signsWith: SecretKind
  /** Exact length of a signature; absent where it varies. */
  readonly signatureBytes?: number
  /** How a MAC is computed. */
  readonly mac?: (key: SecretKey) => Accumulator
  /** How an ECDSA signature is written: as DER, or as r and s of 32 bytes each. */
  readonly ecdsa?: 'der' | 'p1363'
}

function hmacRow(digest: Digest, signatureBytes: number): AlgorithmRow {
  return { verifiesWith: 'hmac', signsWith: 'hmac', signatureBytes, mac: ({ hmac }) => hmac.begin(digest) }
}

const p256 = { verifiesWith: 'p256-public', signsWith: 'p256-private' } as const

/** The one table of algorithms. A key verifies only what is made with its own kind: a public key is never a MAC key. */
export const algorithms: Readonly<Record<SignatureAlgorithm, AlgorithmRow>> = {
  'hmac-sha1': /* @__PURE__ */ hmacRow('sha1', 20),
  'hmac-sha256': /* @__PURE__ */ hmacRow('sha256', 32),
  'hmac-sha512': /* @__PURE__ */ hmacRow('sha512', 64),
  'sha256-prefix': { verifiesWith: 'hmac', signsWith: 'hmac', signatureBytes: 32, mac: prefixedHasher },
  ed25519: { verifiesWith: 'ed25519-public', signsWith: 'ed25519-private', signatureBytes: 64 },
  'ecdsa-p256-der': { ...p256, ecdsa: 'der' },
  'ecdsa-p256-p1363': { ...p256, ecdsa: 'p1363', signatureBytes: 64 },
  'rsa-v1_5-sha256': { verifiesWith: 'rsa-public', signsWith: 'rsa-private' },
  'shared-secret': { verifiesWith: 'text', signsWith: 'text' },
}

/** A secret, decoded. */
export interface SecretKey {
  readonly kind: SecretKind
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes. */
  readonly digest: Uint8Array
  /** Makes the HMACs under these bytes. */
  readonly hmac: HmacKey
  /** Of a public or private key. */
  readonly handle?: KeyHandle
}

/** The check of one version of signature under one key. It is fed the signed content, then asked about candidates. */
export interface SignatureCheck {
  /** Whether the body has to come in one piece; where it does not, pieces are hashed as they come and not kept. */
  readonly needsWholeBody: boolean
  feed(piece: Uint8Array | string): void
  /** In time that depends on the lengths alone. Asked once about each candidate. */
  matches(signature: Uint8Array): boolean
  /** The MAC over what was fed; absent where the algorithm has none. */
  readonly mac?: () => Uint8Array
}

/** Begins the check of `candidates` signatures that `algorithm` makes under `key`, which is of the kind that verifies it. */
export function signatureCheck(algorithm: SignatureAlgorithm, key: SecretKey, candidates: number): SignatureCheck {
  const { mac, ecdsa } = algorithms[algorithm]
  if (mac !== undefined) return macCheck(mac(key))
  if (key.handle === undefined) return sharedSecretCheck(key)
  return key.kind === 'ed25519-public' ? wholeCheck(key.handle) : keyCheck(key.handle, candidates, ecdsa)
}

function prefixedHasher({ bytes }: SecretKey): Accumulator {
  const inner = hasher('sha256')
  inner.update(bytes)
  return inner
}

function macCheck(hasher: Accumulator): SignatureCheck {
  let computed: Uint8Array | undefined
  const mac = () => {
    computed ??= hasher.digest()
    return computed
  }
  return {
    needsWholeBody: false,
    feed: (piece) => hasher.update(piece),
    matches: (signature) => equalBytes(mac(), signature),
    mac,
  }
}

/** Ed25519 hashes its message twice (RFC 8032 section 5.1.6), so the content is kept until the end. */
function wholeCheck(handle: KeyHandle): SignatureCheck {
  const pieces: Uint8Array[] = []
  let content: Uint8Array | undefined
  return {
    needsWholeBody: true,
    feed: (piece) => {
      pieces.push(typeof piece === 'string' ? utf8(piece) : piece)
    },
    matches: (signature) => {
      content ??= concat(pieces)
      return verifySignature(handle, content, signature)
    },
  }
}

/** A short content is verified at once. The hash of a long one is finished by asking about a signature: there is one for each. */
function keyCheck(handle: KeyHandle, candidates: number, ecdsa: AlgorithmRow['ecdsa']): SignatureCheck {
  const content = new ShortContent(() => new Verifiers(handle, candidates))
  return {
    needsWholeBody: false,
    feed: (piece) => content.update(piece),
    matches: (signature) => {
      // Out of DER and into it again: only the one encoding of the two numbers is taken.
      const numbers = ecdsa === 'der' ? fromDer(signature) : signature
      if (numbers === undefined) return false
      const written = ecdsa === undefined ? numbers : toDer(numbers)
      return content.long?.verify(written) ?? verifySignature(handle, content.whole(), written)
    },
  }
}

class Verifiers {
  readonly #verifiers: SignatureVerifier[]

  constructor(handle: KeyHandle, count: number) {
    this.#verifiers = Array.from({ length: count }, () => signatureVerifier(handle))
  }

  update(piece: Uint8Array | string): void {
    for (const verifier of this.#verifiers) verifier.update(piece)
  }

  verify(signature: Uint8Array): boolean {
    return this.#verifiers.pop()?.verify(signature) ?? false
  }
}

/** Digests of both sides are compared: they are equally long, and where they part says nothing about the secret. */
function sharedSecretCheck(key: SecretKey): SignatureCheck {
  return { needsWholeBody: false, feed: () => {}, matches: (shown) => equalBytes(key.digest, digest('sha256', shown)) }
}

/** The signature over `content`; `key` is of the kind that signs with `algorithm`. */
export function makeSignature(algorithm: SignatureAlgorithm, key: SecretKey, content: Uint8Array): Uint8Array {
  const { mac, ecdsa } = algorithms[algorithm]
  if (mac !== undefined) {
    const hasher = mac(key)
    hasher.update(content)
    return hasher.digest()
  }
  if (key.handle === undefined) return key.bytes
  const signature = makeKeySignature(key.handle, content)
  return ecdsa === 'p1363' ? fromDer(signature)! : signature
}
