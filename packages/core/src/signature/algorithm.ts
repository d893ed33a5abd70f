import { concat, utf8 } from '../bytes.js'
import {
  type Digest,
  digest,
  ed25519PrivateKey,
  ed25519Sign,
  ed25519Verify,
  equalBytes,
  hmac,
  hmacHasher,
  type KeyHandle,
} from '../crypto.js'
import type { SecretKind, SignatureAlgorithm } from './scheme.js'

interface AlgorithmRow {
  /** The kind of secret that verifies it. */
  readonly verifiesWith: SecretKind
  readonly signsWith: SecretKind
  /** Exact length of a signature; absent where it varies. */
  readonly signatureBytes?: number
  /** The hash of a MAC. */
  readonly digest?: Digest
}

/** The one table of algorithms. A key verifies only what is made with its own kind: a public key is never a MAC key. */
export const algorithms: Readonly<Record<SignatureAlgorithm, AlgorithmRow>> = {
  'hmac-sha1': { verifiesWith: 'hmac', signsWith: 'hmac', signatureBytes: 20, digest: 'sha1' },
  'hmac-sha256': { verifiesWith: 'hmac', signsWith: 'hmac', signatureBytes: 32, digest: 'sha256' },
  'hmac-sha512': { verifiesWith: 'hmac', signsWith: 'hmac', signatureBytes: 64, digest: 'sha512' },
  ed25519: { verifiesWith: 'ed25519-public', signsWith: 'ed25519-private', signatureBytes: 64 },
  'shared-secret': { verifiesWith: 'text', signsWith: 'text' },
}

/** A secret, decoded. */
export interface SecretKey {
  readonly kind: SecretKind
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes. */
  readonly digest: Uint8Array
  /** Of an Ed25519 public key. */
  readonly handle?: KeyHandle
}

/** The check of one version of signature under one key. It is fed the signed content, then asked about candidates. */
export interface SignatureCheck {
  feed(piece: Uint8Array | string): void
  /** In time that depends on the lengths alone. */
  matches(signature: Uint8Array): boolean
  /** The MAC over what was fed; absent where the algorithm has none. */
  readonly mac?: () => Uint8Array
}

/** Begins the check of what `algorithm` makes under `key`, which is of the kind that verifies it. */
export function signatureCheck(algorithm: SignatureAlgorithm, key: SecretKey): SignatureCheck {
  const row = algorithms[algorithm]
  if (row.digest !== undefined) return macCheck(row.digest, key)
  return key.handle === undefined ? sharedSecretCheck(key) : ed25519Check(key.handle)
}

function macCheck(algorithm: Digest, key: SecretKey): SignatureCheck {
  const hasher = hmacHasher(algorithm, key.bytes)
  let computed: Uint8Array | undefined
  const mac = () => {
    computed ??= hasher.digest()
    return computed
  }
  return { feed: (piece) => hasher.update(piece), matches: (signature) => equalBytes(mac(), signature), mac }
}

/** Ed25519 hashes its message twice (RFC 8032 section 5.1.6), so the content is kept until the end. */
function ed25519Check(handle: KeyHandle): SignatureCheck {
  const pieces: Uint8Array[] = []
  let content: Uint8Array | undefined
  return {
    feed: (piece) => {
      pieces.push(typeof piece === 'string' ? utf8(piece) : piece)
    },
    matches: (signature) => {
      content ??= concat(pieces)
      return ed25519Verify(handle, content, signature)
    },
  }
}

/** Digests of both sides are compared: they are equally long, and where they part says nothing about the secret. */
function sharedSecretCheck(key: SecretKey): SignatureCheck {
  return { feed: () => {}, matches: (shown) => equalBytes(key.digest, digest('sha256', shown)) }
}

/** The signature over `content`; `key` is of the kind that signs with `algorithm`. */
export function makeSignature(algorithm: SignatureAlgorithm, key: SecretKey, content: Uint8Array): Uint8Array {
  const row = algorithms[algorithm]
  if (row.digest !== undefined) return hmac(row.digest, key.bytes, content)
  if (algorithm === 'shared-secret') return key.bytes
  return ed25519Sign(ed25519PrivateKey(key.bytes.subarray(0, 32)), content)
}
