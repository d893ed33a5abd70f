import { type KeyHandle, type KeyType, privateKey, publicKey } from '../../crypto.js'
import { isEd25519Key } from './ed25519-key.js'
import type { SecretKind } from './scheme.js'

/** Whether a secret is written as PEM (RFC 7468), whatever it holds. */
export function isPem(secret: string): boolean {
  return secret.trimStart().startsWith('-----BEGIN ')
}

/** What a key of this kind is called in PEM. */
export function pemLabel(kind: SecretKind): string {
  return kind.endsWith('-private') ? 'PRIVATE KEY' : 'PUBLIC KEY'
}

/** The DER bytes of one PEM block and nothing else, or `undefined`. */
export function readPem(text: string, kind: SecretKind): Uint8Array | undefined {
  const label = pemLabel(kind)
  const match = new RegExp(`^-----BEGIN ${label}-----\\s([A-Za-z0-9+/=\\s]+)\\s-----END ${label}-----$`).exec(
    text.trim(),
  )
  const digits = match?.[1]?.replaceAll(/\s/g, '')
  return digits === undefined ? undefined : Buffer.from(digits, 'base64')
}

/** The key in these bytes, or `undefined` where they hold none of this kind. */
export function keyHandle(kind: SecretKind, bytes: Uint8Array): KeyHandle | undefined {
  const isPrivate = kind.endsWith('-private')
  const type = kind.replace(/-(?:public|private)$/, '') as KeyType
  try {
    // Of a seed with its public key behind it, the seed is the key.
    if (isPrivate) return privateKey(type, type === 'ed25519' && bytes.length === 64 ? bytes.subarray(0, 32) : bytes)
    const key = publicKey(type, bytes)
    return type !== 'ed25519' || isEd25519Key(bytes.subarray(-32)) ? key : undefined
  } catch {
    return undefined
  }
}
