import type { SecretRequest, SecretResolver } from '@latchkey/core'
import type { JWK } from 'jose'
import { spkiOf } from './crypto.js'
import { type RemoteJwksOptions, remoteJwks } from './remote-jwks.js'

/** Which keys of a set sign for a preset. */
export interface JwksOptions extends RemoteJwksOptions {
  /** The kind of key that the preset takes; others in the set are passed over. */
  readonly keyType: 'ed25519' | 'p256' | 'rsa'
  /**
   * Finds the id of the key in a request: `({ headers }) => headers.get('x-key-id')`. What it finds is a stranger's word; only keys
   * of the set are ever used.
   *
   * @defaultValue all keys of the kind are tried
   */
  readonly keyId?: (request: SecretRequest) => string | null | undefined
}

/** Most keys that are tried for one message. */
const mostKeys = 16

/**
 * Public keys for an asymmetric preset of core, from a JSON Web Key Set (RFC 7517) at one fixed URL: give it as `secrets`. A key
 * that is not found is 401, a set that cannot be had 503.
 *
 * @param url `https`; `http` for a loopback address alone.
 *
 * @example
 * ```ts
 * import { memoryStore, signature, standardWebhooks } from '@latchkey/core'
 * import { jwks } from '@latchkey/remote-keys'
 *
 * const secrets = jwks('https://partner.example.com/.well-known/jwks.json', { keyType: 'ed25519' })
 * export const fromPartner = signature({ scheme: standardWebhooks({ secrets }), store: memoryStore() })
 * ```
 *
 * @throws ConfigurationError where the URL or an option is impossible.
 */
export function jwks(url: string, options: JwksOptions): SecretResolver {
  const { keyType, keyId, ...rest } = options
  const set = remoteJwks(url, rest)
  return async (request) => {
    const kid = keyId?.(request)
    if (keyId !== undefined && (typeof kid !== 'string' || kid === '')) return undefined
    const keys = (await set.keys(kid ?? undefined)).filter((key) => isOfType(key, keyType))
    const named = keyId === undefined ? keys : keys.filter((key) => key.kid === kid)
    return named.slice(0, mostKeys).flatMap(pemOf)
  }
}

/**
 * The public keys of fal.ai, for the preset `fal`; kept for 24 hours, which is as long as fal.ai allows
 * (https://fal.ai/docs/documentation/model-apis/inference/webhooks).
 *
 * @example
 * ```ts
 * import { fal, memoryStore, signature } from '@latchkey/core'
 * import { falKeys } from '@latchkey/remote-keys'
 *
 * export const fromFal = signature({ scheme: fal({ secrets: falKeys() }), store: memoryStore() })
 * ```
 */
export function falKeys(options: RemoteJwksOptions = {}): SecretResolver {
  return jwks('https://rest.fal.ai/.well-known/jwks.json', { maxAgeSeconds: 86_400, ...options, keyType: 'ed25519' })
}

const curves = { ed25519: 'Ed25519', p256: 'P-256', rsa: undefined } as const

function isOfType({ kty, crv, use = 'sig', d }: JWK, type: keyof typeof curves): boolean {
  const isKind = type === 'rsa' ? kty === 'RSA' : crv === curves[type]
  return isKind && use === 'sig' && d === undefined
}

/** What is no key is nobody's key. */
function pemOf(jwk: JWK): readonly string[] {
  try {
    return [spkiOf(jwk)]
  } catch {
    return []
  }
}
