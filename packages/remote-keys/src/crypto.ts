/** The only file that imports `node:crypto`, and `node:tls` for its roots: certificates, signatures, digests. */
import * as node from 'node:crypto'
import { rootCertificates } from 'node:tls'

/** A key that verifies; opaque to everything above this file. */
export type KeyHandle = node.KeyObject

export type Certificate = node.X509Certificate

/** Keys of fewer bits are refused (NIST SP 800-131A). */
const leastModulusBits = 2048

/** The certificates in PEM text, in order; at most `most`. Throws where there is something else in it, or something broken. */
export function certificatesIn(bytes: Uint8Array, most: number): readonly Certificate[] {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
  const block = /-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----/g
  if (!/^(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\s*)+$/.test(text)) {
    throw new TypeError('not certificates in PEM')
  }
  const blocks = text.match(block) ?? []
  if (blocks.length === 0 || blocks.length > most) throw new TypeError(`not 1 to ${most} certificates`)
  return blocks.map((pem) => new node.X509Certificate(pem))
}

/** The one certificate in DER or PEM. Throws at anything else. */
export function certificateOf(bytes: Uint8Array | string): Certificate {
  return new node.X509Certificate(bytes)
}

/** The roots that the platform trusts. */
export function platformRoots(): readonly string[] {
  return rootCertificates
}

/** The certificate's key, where it is one of RSA that is long enough. */
export function rsaKeyOf({ publicKey }: Certificate): KeyHandle | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= leastModulusBits
    ? publicKey
    : undefined
}

/** Whether one certificate was issued by the other: by name, and by its signature. */
export function isIssuedBy(one: Certificate, other: Certificate): boolean {
  try {
    return one.checkIssued(other) && one.verify(other.publicKey)
  } catch {
    return false
  }
}

/** The handle of a public key in PEM, or of a private key's public half. Throws at anything else. */
export function publicKeyOf(pem: string): KeyHandle {
  return node.createPublicKey(pem)
}

/** A JSON Web Key as SPKI in PEM. Throws at anything that is no public key. */
export function spkiOf(jwk: object): string {
  const key = node.createPublicKey({ key: jwk as node.JsonWebKey, format: 'jwk' })
  return String(key.export({ format: 'pem', type: 'spki' }))
}

/** The handle of a private key in PEM. Throws at anything else. */
export function privateKeyOf(pem: string): KeyHandle {
  return node.createPrivateKey(pem)
}

/** Whether a signature by RSASSA PKCS #1 v1.5 is right. Never throws. */
export function isRsaSignature(
  hash: 'sha1' | 'sha256',
  key: KeyHandle,
  content: Uint8Array,
  shown: Uint8Array,
): boolean {
  try {
    return node.verify(hash, content, key, shown)
  } catch {
    return false
  }
}

/** A signature as {@link isRsaSignature} takes it. */
export function makeRsaSignature(hash: 'sha1' | 'sha256', key: KeyHandle, content: Uint8Array): Uint8Array {
  return node.sign(hash, content, key)
}

export function sha256(bytes: Uint8Array | string): Buffer {
  return node.createHash('sha256').update(bytes).digest()
}

/** A hash that is fed piece by piece. */
export function sha256Hasher(): { update(bytes: Uint8Array): void; digest(): Buffer } {
  const hash = node.createHash('sha256')
  return {
    update: (bytes) => {
      hash.update(bytes)
    },
    digest: () => hash.digest(),
  }
}

/** In time that depends on the lengths alone. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && node.timingSafeEqual(one, other)
}

/** A random UUID, as a sender's message id. */
export function randomId(): string {
  return node.randomUUID()
}
