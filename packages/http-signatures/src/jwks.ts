import { ConfigurationError, type Observe, OptionReader, tell } from '@latchkey/core'
import { createRemoteJWKSet, customFetch, type JWK } from 'jose'
import type { HttpSignatureAlgorithm } from './crypto.js'
import { boundedFetch } from './jwks-fetch.js'
import { type VerificationKey, verificationKey } from './key.js'
import type { KeyResolver } from './key-source.js'

/** Options of {@link jwks}. */
export interface JwksOptions {
  /** Seconds for which a fetched set is used before it is fetched anew. @defaultValue `600` */
  readonly maxAgeSeconds?: number
  /** Seconds after a fetch in which a key id that is not in the set is unknown (401), with no other fetch. @defaultValue `30` */
  readonly cooldownSeconds?: number
  /** Seconds after a failed fetch in which the answer is 503, with no other fetch. @defaultValue `5` */
  readonly retryAfterSeconds?: number
  /** Most seconds for a fetch. Keep it under the guard's `secretsTimeoutSeconds`. @defaultValue `1.5` */
  readonly timeoutSeconds?: number
  /** Most bytes of a set. @defaultValue `262144` */
  readonly maxBytes?: number
  /** What fetches; redirects are not followed. @defaultValue `fetch` */
  readonly fetch?: typeof fetch
  /** Told of each fetch that failed. */
  readonly observe?: Observe<JwksEvent>
}

/** What {@link jwks} tells its observer. */
export interface JwksEvent {
  readonly type: 'jwks.fetch_failed'
  readonly error: unknown
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  maxAgeSeconds: true,
  cooldownSeconds: true,
  retryAfterSeconds: true,
  timeoutSeconds: true,
  maxBytes: true,
  fetch: true,
  observe: true,
} as const satisfies Record<keyof JwksOptions, true>

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
  const read = new OptionReader('jwks', options, Object.keys(known) as (keyof JwksOptions)[])
  const isFunction = <F>(value: unknown): value is F => typeof value === 'function'
  const retryAfterSeconds = read.number('retryAfterSeconds', 5, 0, 86_400)
  const observe = read.optional('observe', 'a function', isFunction<Observe<JwksEvent>>)
  const remote = createRemoteJWKSet(pinned(url), {
    cacheMaxAge: read.number('maxAgeSeconds', 600, 0, 604_800) * 1000,
    cooldownDuration: read.number('cooldownSeconds', 30, 0, 86_400) * 1000,
    timeoutDuration: Math.ceil(read.number('timeoutSeconds', 1.5, 0.01, 60) * 1000),
    [customFetch]: boundedFetch(
      read.optional('fetch', 'a function', isFunction<typeof fetch>) ?? fetch,
      read.integer('maxBytes', 262_144, 1, 16_777_216),
    ),
  })
  let keys: ReadonlyMap<string, readonly VerificationKey[]> = new Map()
  let failure: { readonly error: unknown; readonly untilMs: number } | undefined

  const load = async () => {
    if (failure !== undefined && Date.now() < failure.untilMs) throw failure.error
    try {
      await remote.reload()
      keys = keysById(remote.jwks()?.keys ?? [])
      failure = undefined
    } catch (error) {
      // All that waited for the same fetch come by here.
      if (failure?.error !== error) tell(observe, { type: 'jwks.fetch_failed', error })
      failure = { error, untilMs: Date.now() + retryAfterSeconds * 1000 }
      throw error
    }
  }
  return async ({ keyid }) => {
    if (keyid === undefined) return undefined
    if (!remote.fresh) await load()
    else if (!keys.has(keyid) && !remote.coolingDown) await load()
    return keys.get(keyid)
  }
}

function pinned(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed?.hostname ?? '')
  if (parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback)) return parsed
  throw new ConfigurationError('invalid-option', 'jwks: the URL must be absolute, and of https')
}

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
