import { type Guard, isFunction, OptionReader } from '@latchkey/core'
import { boundedFetch } from './bounded-fetch.js'
import { sha256 } from './crypto.js'
import { readObject } from './json-object.js'
import type { JwtKeys } from './jwt-keys.js'
import { type JwtGrant, type JwtMessageRules, jwtMessages } from './jwt-messages.js'
import { KeyCache } from './key-cache.js'
import { KeyHostError } from './key-host-error.js'
import { type HasKeyHost, type KeyHostSettings, keyHostOption } from './key-host-options.js'
import { type RemoteGuardOptions, remoteGuard, remoteGuardOptions, remoteGuardSettings } from './remote-guard.js'
import { remoteVerify, type VerifyRemote } from './remote-verify.js'

/** Whom Plaid's keys are asked of, and as whom. */
export interface PlaidRules extends HasKeyHost {
  readonly clientId: string
  /** The secret of the environment. */
  readonly secret: string
  /** Which of Plaid's environments signs, and is asked for keys. */
  readonly environment: 'production' | 'sandbox'
  /** The clock, in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number
}

/** Options of the guard `plaid`: these, and those of `signature` for the replay window, bodies and answers. */
export interface PlaidOptions extends PlaidRules, Omit<RemoteGuardOptions, 'now'> {}

const known = {
  clientId: true,
  secret: true,
  environment: true,
  keyHost: true,
  now: true,
} as const satisfies Record<keyof PlaidRules, true>

const guardKnown = { ...remoteGuardOptions, ...known } as const satisfies Record<keyof PlaidOptions, true>

/** As Plaid's documents have it: five minutes. */
const maxAgeSeconds = 300

/**
 * The guard for Plaid's webhooks: a JSON Web Token in `plaid-verification`, by ES256 alone, not older than five minutes, with the
 * SHA-256 of the body in it (https://plaid.com/docs/api/webhooks/webhook-verification/). Its key is asked of Plaid by `kid`, and
 * kept until it is old or Plaid says that it has expired.
 *
 * A message is known by its token, so that two events with the same body are two messages.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 * import { plaid } from '@latchkey/remote-keys'
 *
 * const { PLAID_CLIENT_ID: clientId = '', PLAID_SECRET: secret = '' } = process.env
 * const guard = plaid({ clientId, secret, environment: 'production', store: memoryStore() })
 * export const fromPlaid = mount('signature', guard)
 * ```
 *
 * @throws ConfigurationError where an option is impossible; by rejection where something read the body before the guard, or
 * where it guards a request twice.
 */
export function plaid(options: PlaidOptions): Guard<JwtGrant> {
  const read = new OptionReader('plaid', options, Object.keys(guardKnown) as (keyof PlaidOptions)[])
  const { rules } = plaidSettings('plaid', read)
  return remoteGuard(remoteGuardSettings('plaid', read, { maxAgeSeconds }), jwtMessages(rules))
}

/**
 * Verifies webhooks of Plaid that are in memory: all that the guard `plaid` does but the replay window.
 *
 * @example
 * ```ts
 * import { plaidVerifier } from '@latchkey/remote-keys'
 *
 * export const verifierFor = (clientId: string, secret: string) => plaidVerifier({ clientId, secret, environment: 'sandbox' })
 * ```
 *
 * @throws ConfigurationError where an option is impossible.
 */
export function plaidVerifier(options: PlaidRules): VerifyRemote<JwtGrant> {
  const read = new OptionReader('plaidVerifier', options, Object.keys(known) as (keyof PlaidRules)[])
  const { rules, now } = plaidSettings('plaidVerifier', read)
  return remoteVerify(jwtMessages(rules), now)
}

interface PlaidCredentials {
  readonly clientId: string
  readonly secret: string
  readonly environment: 'production' | 'sandbox'
}

function plaidSettings(
  factory: string,
  read: OptionReader<PlaidRules>,
): { readonly rules: JwtMessageRules; readonly now: () => number } {
  const now = read.optional('now', 'a function', isFunction<() => number>) ?? (() => Date.now())
  const isGiven = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
  const environment = read.required('environment', "'production' or 'sandbox'", isEnvironment)
  const credentials = {
    clientId: read.required('clientId', 'a text', isGiven),
    secret: read.required('secret', 'a text', isGiven),
    environment,
  }
  const rules: JwtMessageRules = {
    scheme: 'plaid',
    header: 'plaid-verification',
    prefix: '',
    algorithms: new Set(['ES256']),
    keys: plaidKeys(credentials, keyHostOption(factory, read), now),
    owner: sha256(credentials.clientId).toString('base64url'),
    bodyDigest: { claim: 'request_body_sha256', encoding: 'hex' },
    maxAgeSeconds,
    issuer: [],
    audience: [],
    claims: {},
    requiredClaims: [],
  }
  return { rules, now }
}

function isEnvironment(value: unknown): value is PlaidCredentials['environment'] {
  return value === 'production' || value === 'sandbox'
}

interface PlaidKey {
  readonly jwk: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  /** Epoch milliseconds; `undefined`: it has not. */
  readonly expiredAtMs: number | undefined
}

function plaidKeys(credentials: PlaidCredentials, { bounds, rules }: KeyHostSettings, now: () => number): JwtKeys {
  const url = `https://${credentials.environment}.plaid.com/webhook_verification_key/get`
  const { clientId: client_id, secret } = credentials
  const cache = new KeyCache<PlaidKey>({
    ...rules,
    now,
    load: async (key_id) => {
      const { status, bytes } = await boundedFetch({ url, json: JSON.stringify({ client_id, secret, key_id }) }, bounds)
      const answer = readObject(bytes)
      if (status === 200) return readKey(answer?.get('key'))
      // Any other complaint is about us: wrong credentials must not look like an unknown key.
      if (answer?.get('error_code') === 'INVALID_WEBHOOK_VERIFICATION_KEY_ID') return undefined
      throw new KeyHostError(
        'status',
        `Plaid refused to say: ${status} ${String(answer?.get('error_code')).slice(0, 60)}`,
      )
    },
  })
  return async ({ kid }) => {
    // Of Plaid's keys each has an id, which is all that is ever sent of what a stranger may write.
    if (kid === undefined || !/^[\w-]{1,64}$/.test(kid)) return []
    const key = await cache.find(kid)
    return key === undefined || (key.expiredAtMs !== undefined && key.expiredAtMs <= now()) ? [] : [key.jwk]
  }
}

/** @throws KeyHostError where it is no key of Plaid's. */
function readKey(key: unknown): PlaidKey {
  const { kty, crv, x, y, expired_at: expiredAt } = (key ?? {}) as Readonly<Record<string, unknown>>
  const isDated = expiredAt === null || expiredAt === undefined || Number.isSafeInteger(expiredAt)
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string' || !isDated) {
    throw new KeyHostError('malformed', 'Plaid answered with something else than a key')
  }
  return { jwk: { kty, crv, x, y }, expiredAtMs: typeof expiredAt === 'number' ? expiredAt * 1000 : undefined }
}
