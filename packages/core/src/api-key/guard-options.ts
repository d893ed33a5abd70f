import type { Observe } from '../observe.js'
import { isBaseUrl, isFunction, OptionReader } from '../option-reader.js'
import type { ApiKeys } from './api-keys.js'
import type { ApiKeyEvent } from './events.js'
import { type CredentialPlace, defaultPlaces } from './verification/credential.js'
import { type FailureThrottle, readFailureThrottle, usualThrottle } from './verification/failed-attempts.js'
import { isAnyOf, isScopes, Requirements } from './verification/requirements.js'

/** Options of `apiKey`. */
export interface ApiKeyOptions<Scope extends string = string, Optional extends boolean = false> {
  /** The keys that are let in. */
  readonly keys: ApiKeys<Scope>
  /** The environment, or environments, whose keys are let in; those of another get 403. @defaultValue any */
  readonly environment?: string | readonly string[]
  /** Scopes that the key must have, all of them. @defaultValue `[]` */
  readonly scopes?: readonly NoInfer<Scope>[]
  /** Scopes of which the key must have at least one, beside those in `scopes`. @defaultValue none */
  readonly anyOf?: readonly NoInfer<Scope>[]
  /**
   * Lets requests without a key through: the grant is then `undefined` and the caller `null`. A key that is there and not
   * valid is refused all the same. @defaultValue `false`
   */
  readonly optional?: Optional
  /**
   * Where a key is looked for. One request must not carry two.
   *
   * @defaultValue `[{ scheme: 'Bearer' }, { header: 'X-API-Key' }]`
   */
  readonly credentials?: readonly CredentialPlace[]
  /** What the challenge in `WWW-Authenticate` calls this set of resources. @defaultValue `'api'` */
  readonly realm?: string
  /**
   * Whether who holds the right secret is told that the key is revoked, disabled or expired; if not, it is as invalid as
   * any other. @defaultValue `true`
   */
  readonly revealReason?: boolean
  /**
   * Lets CORS preflights through, which browsers send without credentials (the Fetch standard, "CORS-preflight fetch"):
   * `OPTIONS` with `Origin` and `Access-Control-Request-Method`. The handler of `OPTIONS` then runs without a grant.
   *
   * @defaultValue `true`
   */
  readonly allowPreflight?: boolean
  /**
   * Refuses what comes over plain HTTP, from wherever, with 403 and before anything is looked at. The framework says what came
   * how: behind a proxy that ends TLS it has to trust it. @defaultValue `false`
   */
  readonly requireHttps?: boolean
  /**
   * How often one source, an IPv4 address or a /64 of IPv6, may present an unknown id or a wrong secret; beyond, its requests get
   * 429 without a call of the store, but for keys that were proven here lately. All guards of the same `keys` count together, in
   * this process. Where the client's address is not known nothing is counted. `false`: as often as it likes.
   *
   * @defaultValue `{ limit: 300, windowSeconds: 60 }`
   */
  readonly failureThrottle?: FailureThrottle | false
  /**
   * Most seconds to wait for the store and `ownerStatus`, for all calls together, 0.01 to 60; beyond, the request gets 503.
   *
   * @defaultValue `1`
   */
  readonly storeTimeoutSeconds?: number
  /** Documentation base of problem types; the code is appended. @defaultValue `urn:latchkey:` */
  readonly problemBaseUrl?: string
  /** Told what the guard decided, and why. @defaultValue nobody */
  readonly observe?: Observe<ApiKeyEvent>
}

/** {@link ApiKeyOptions}, checked and complete. */
export interface ApiKeySettings<Scope extends string> {
  readonly keys: ApiKeys<Scope>
  readonly requirements: Requirements<Scope>
  readonly optional: boolean
  readonly places: readonly CredentialPlace[]
  readonly realm: string
  readonly revealReason: boolean
  readonly allowPreflight: boolean
  readonly requireHttps: boolean
  readonly problemBaseUrl: string | undefined
  readonly observe: Observe<ApiKeyEvent> | undefined
}

/** @throws ConfigurationError naming the first option that does not fit. */
export function apiKeySettings<Scope extends string>(options: ApiKeyOptions<Scope, boolean>): ApiKeySettings<Scope> {
  const read = new OptionReader('apiKey', options, Object.keys(known) as (keyof ApiKeyOptions)[])
  const keys = read.required('keys', 'what apiKeys() made', isApiKeys<Scope>)
  const isKnown = (value: unknown) => keys.environments.includes(value as string)
  const environment = read.optional(
    'environment',
    `one or more of ${keys.environments.join(', ')}`,
    (value): value is string | string[] =>
      Array.isArray(value) ? value.length > 0 && value.every(isKnown) : isKnown(value),
  )
  const scopeRule = 'scopes such as "payments:read", without *'
  const requirements = new Requirements<Scope>({
    environments: environment === undefined ? undefined : [environment].flat(),
    scopes: read.optional('scopes', `a list of ${scopeRule}`, isScopes<Scope>),
    anyOf: read.optional('anyOf', `a list of at least one of ${scopeRule}`, isAnyOf<Scope>),
    failureThrottle: readFailureThrottle(read, options.failureThrottle, usualThrottle),
    storeTimeoutSeconds: read.number('storeTimeoutSeconds', 1, 0.01, 60),
  })
  return {
    keys,
    requirements,
    optional: read.boolean('optional', false),
    places: read.optional('credentials', placeRule, isPlaces) ?? defaultPlaces,
    realm: read.optional('realm', 'printable ASCII without quotes and backslashes', isRealm) ?? 'api',
    revealReason: read.boolean('revealReason', true),
    allowPreflight: read.boolean('allowPreflight', true),
    requireHttps: read.boolean('requireHttps', false),
    problemBaseUrl: read.optional('problemBaseUrl', 'an absolute URL that a code can be appended to', isBaseUrl),
    observe: read.optional('observe', 'a function', isFunction<Observe<ApiKeyEvent>>),
  }
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  keys: true,
  environment: true,
  scopes: true,
  anyOf: true,
  optional: true,
  credentials: true,
  realm: true,
  revealReason: true,
  allowPreflight: true,
  requireHttps: true,
  failureThrottle: true,
  storeTimeoutSeconds: true,
  problemBaseUrl: true,
  observe: true,
} as const satisfies Record<keyof ApiKeyOptions, true>

const placeRule = 'a list of different places, each { scheme }, { header } or { query }'

function isApiKeys<Scope extends string>(value: unknown): value is ApiKeys<Scope> {
  const keys = value as Partial<ApiKeys> | null
  return typeof keys?.verify === 'function' && typeof keys.recognises === 'function' && Array.isArray(keys.environments)
}

/** Two places that are the same would find every key twice and refuse it. */
function isPlaces(value: unknown): value is readonly CredentialPlace[] {
  if (!Array.isArray(value) || value.length === 0) return false
  const names = value.map(placeName)
  return names.every((name) => name !== undefined) && new Set(names).size === names.length
}

/** A scheme and a field name are tokens (RFC 9110 sections 5.1 and 11.1), and neither minds its case. */
function placeName(place: unknown): string | undefined {
  if (typeof place !== 'object' || place === null) return undefined
  const [entry, ...others] = Object.entries(place)
  if (entry === undefined || others.length > 0) return undefined
  const [kind, name] = entry
  if (typeof name !== 'string' || name === '') return undefined
  if (kind === 'query') return `query ${name}`
  const isToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)
  return isToken && (kind === 'scheme' || kind === 'header') ? `${kind} ${name.toLowerCase()}` : undefined
}

/** It stands in a quoted string, as it is. */
function isRealm(value: unknown): value is string {
  return typeof value === 'string' && /^[ !#-[\]-~]{1,128}$/.test(value)
}
