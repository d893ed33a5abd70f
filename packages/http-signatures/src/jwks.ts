import { type Observe, tell } from '@latchkey/core'
import { type RemoteJwksOptions, remoteJwks } from '@latchkey/remote-keys'
import type { HttpSignatureAlgorithm } from './crypto.js'
import { type VerificationKey, verificationKey } from './key.js'
import type { KeyResolver } from './key-source.js'

/** Options of {@link jwks}: how the set is fetched, and how long it is kept. */
export interface JwksOptions extends Omit<RemoteJwksOptions, 'observe'> {
  /** Told of each fetch that failed. */
  readonly observe?: Observe<JwksEvent>
}

/** What {@link jwks} tells its observer. */
export interface JwksEvent {
  readonly type: 'jwks.fetch_failed'
  readonly error: unknown
}

/**
 * Keys from a JSON Web Key Set (RFC 7517) at one fixed URL, by their `kid`. Fetched when first asked for and kept; one fetch at a
 * time, however many requests wait for it. Symmetric keys are passed over, and RSA keys that do not say by `alg` what they are for.
 *
 * @param url `https`; `http` for a loopback address alone.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@latchkey/core'
 * import { httpSignature, jwks } from '@latchkey/http-signatures'
 *
 * export const fromPartner = httpSignature({
 *   keys: jwks('https://partner.example.com/.well-known/jwks.json'),
 *   policy: { required: ['@method', '@target-uri', 'content-digest'], maxAgeSeconds: 300, algorithms: ['ed25519'] },
 *   store: memoryStore(),
 * })
 * ```
 *
 * @throws ConfigurationError where the URL or an option is impossible.
 */
export function jwks(url: string, options: JwksOptions = {}): KeyResolver {
  const { observe, ...rest } = options
  const failed = ({ error }: { readonly error: unknown }) => tell(observe, { type: 'jwks.fetch_failed', error })
  const told = typeof observe === 'function' ? failed : observe
  const set = remoteJwks(url, { ...rest, ...(told !== undefined && { observe: told }) })
  let read:
    | { readonly set: readonly object[]; readonly keys: ReadonlyMap<string, readonly VerificationKey[]> }
    | undefined
  return async ({ keyid }) => {
    if (keyid === undefined) return undefined
    const found = await set.keys(keyid)
    if (read?.set !== found) read = { set: found, keys: keysById(found) }
    return read.keys.get(keyid)
  }
}

type JWK = Awaited<ReturnType<ReturnType<typeof remoteJwks>['keys']>>[number]

/** What is no key of ours is passed over, so that a set may hold keys for others. */
function keysById(set: readonly JWK[]): ReadonlyMap<string, readonly VerificationKey[]> {
  const keys = new Map<string, VerificationKey[]>()
  for (const jwk of set) {
    const { kid, use = 'sig', key_ops: operations = ['verify'] } = jwk
    const algorithm = algorithmOf(jwk)
    if (typeof kid !== 'string' || use !== 'sig' || !operations.includes('verify') || algorithm === undefined) continue
    try {
      const key = verificationKey({ algorithm, key: { ...jwk }, keyid: kid })
      keys.set(kid, [...(keys.get(kid) ?? []), key])
    } catch {
      // A broken or private key in the set is nobody's key.
    }
  }
  return keys
}

/** By JSON Web Algorithms (RFC 7518, RFC 8037, RFC 9864). */
const byAlg: Readonly<Record<string, HttpSignatureAlgorithm>> = {
  PS512: 'rsa-pss-sha512',
  RS256: 'rsa-v1_5-sha256',
  ES256: 'ecdsa-p256-sha256',
  ES384: 'ecdsa-p384-sha384',
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
}

/** Of an RSA key nothing but `alg` tells by which of two algorithms it signs. */
const byCurve: Readonly<Record<string, HttpSignatureAlgorithm>> = {
  'P-256': 'ecdsa-p256-sha256',
  'P-384': 'ecdsa-p384-sha384',
  Ed25519: 'ed25519',
}

function algorithmOf({ kty, crv = '', alg }: JWK): HttpSignatureAlgorithm | undefined {
  if (kty === 'oct') return undefined
  const [table, name] = alg === undefined ? [byCurve, crv] : [byAlg, alg]
  return Object.hasOwn(table, name) ? table[name] : undefined
}
