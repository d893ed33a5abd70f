import { base64url } from '../../bytes.js'

/** Digests of whole keys as others keep them, and their lengths in bytes. */
const digestBytes = { sha256: 32, sha512: 64 } as const

export type ForeignAlgorithm = keyof typeof digestBytes

/**
 * A digest written in hexadecimal, base64 or base64url, with or without padding, as base64url without; `undefined` where it is
 * none of the algorithm. Its length tells which.
 */
export function readForeignDigest(algorithm: ForeignAlgorithm, text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  const length = digestBytes[algorithm]
  if (text.length === length * 2) return /^[0-9a-fA-F]+$/.test(text) ? base64url(Buffer.from(text, 'hex')) : undefined
  if (!/^(?:[0-9A-Za-z+/]+|[0-9A-Za-z_-]+)={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  const plain = base64url(bytes)
  // Bits beyond the last byte would make two texts of one digest.
  const isExact = plain === text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  return bytes.length === length && isExact ? plain : undefined
}

/** What identifies a foreign key of which a digest is kept. */
export function digestIdentity(algorithm: ForeignAlgorithm, digest: string): string {
  return `${algorithm}:${digest}`
}

/** What identifies a foreign key that a verifier of the application's own looks up. */
export function verifierIdentity(name: string, lookupId: string): string {
  return `custom:${name}:${lookupId}`
}
