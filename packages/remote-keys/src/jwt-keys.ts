import { ConfigurationError } from '@latchkey/core'
import type { JWK } from 'jose'
import { type KeyHandle, publicKeyOf } from './crypto.js'
import type { RemoteJwks } from './remote-jwks.js'

/** Algorithms of JSON Web Signatures (RFC 7518, RFC 8037, RFC 9864); `none` is not among them. */
export type JwtAlgorithm = (typeof jwtAlgorithms)[number]

/** Every algorithm. */
export const jwtAlgorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

/** A key that may have signed a token. */
export type JwtKey = KeyHandle | JWK | Uint8Array

/** Finds the keys that may have signed a token; an empty list: none, 401. Rejects where they cannot be had: 503. */
export type JwtKeys = (header: { readonly kid: string | undefined; readonly alg: string }) => Promise<readonly JwtKey[]>

/** Most keys that are tried for one token. */
const mostKeys = 16

/** Secrets for `HS…`. @throws ConfigurationError where one is blank, or is a public key that anybody can sign with. */
export function secretKeys(factory: string, secrets: readonly (string | Uint8Array)[]): JwtKeys {
  const keys = secrets.map((secret) => {
    const bytes = typeof secret === 'string' ? Buffer.from(secret) : secret
    const isPem = typeof secret === 'string' && secret.includes('-----BEGIN')
    const isBlank = typeof secret === 'string' && secret.trim() === ''
    if (isPem || isBlank || !(bytes instanceof Uint8Array) || bytes.length === 0) {
      throw new ConfigurationError('invalid-option', `${factory}: "secrets" must be texts that are not blank, or bytes`)
    }
    return bytes
  })
  return async () => keys
}

/** Public keys in PEM. @throws ConfigurationError where one is none, or is a private key. */
export function pemKeys(factory: string, pems: readonly string[]): JwtKeys {
  const keys = pems.map((pem) => {
    try {
      if (typeof pem === 'string' && !pem.includes('PRIVATE KEY-----')) return publicKeyOf(pem)
    } catch {
      // Said below, without the key in it.
    }
    throw new ConfigurationError(
      'invalid-option',
      `${factory}: "publicKeys" must be public keys in PEM, or remoteJwks(…)`,
    )
  })
  return async () => keys
}

/** The keys of a set that a token may be signed with: by its `kid` where it has one, and of a kind that fits. */
export function setKeys(set: RemoteJwks): JwtKeys {
  return async ({ kid, alg }) => {
    const keys = await set.keys(kid)
    return keys.filter((key) => (kid === undefined || key.kid === kid) && fits(key, alg)).slice(0, mostKeys)
  }
}

/** Whether a key of a set may verify with an algorithm: never a symmetric or private one. */
function fits({ kty, alg, use = 'sig', key_ops: operations = ['verify'], d }: JWK, wanted: string): boolean {
  if (kty === 'oct' || d !== undefined || use !== 'sig' || !operations.includes('verify')) return false
  return alg === undefined || alg === wanted || (isEdwards(alg) && isEdwards(wanted))
}

function isEdwards(alg: string): boolean {
  return alg === 'EdDSA' || alg === 'Ed25519'
}

/** Whether an algorithm is a MAC: then the key is a secret, and else it never is. */
export function isMac(algorithm: JwtAlgorithm): boolean {
  return algorithm.startsWith('HS')
}
