import {
  type ApiKeys,
  type Awaitable,
  type Grants,
  type GuardRequest,
  isBaseUrl,
  isFunction,
  type Observe,
  OptionReader,
} from '@latchkey/core'
import type { ManagementAuthority } from './authority.js'
import type { ManagementEvent } from './events.js'

/** Says what the sender of a request may do to keys; nothing: nothing at all. */
export type Authorize = (request: GuardRequest, prior: Grants) => Awaitable<ManagementAuthority | null | undefined>

/** Options of `keyManagement`. */
export interface KeyManagementOptions {
  /** The keys that are managed. */
  readonly keys: ApiKeys
  /**
   * Asked with each request that is one of ours, before anything else is looked at: who sends it, and what that sender may do.
   * `prior` has the grants of guards that are mounted before. Nothing is 403; what it throws, and a wait that is too long, is 503.
   *
   * @remarks Insecure if it takes the sender, an owner or scopes from anything in the request that is not proven: a session, a key that
   * `apiKey` let in, a verified token.
   */
  readonly authorize: Authorize
  /** Where the API stands, as clients address it: a prefix that a router takes off included. @defaultValue `'/api-keys'` */
  readonly basePath?: string
  /** Most seconds to wait for `authorize`, 0.01 to 60; beyond, the request gets 503. @defaultValue `5` */
  readonly authorizeTimeoutSeconds?: number
  /** Most seconds to wait for the store, for all calls together, 0.01 to 60; beyond, the request gets 503. @defaultValue `1` */
  readonly storeTimeoutSeconds?: number
  /** Most bytes of a body; beyond, 413. @defaultValue `65536` */
  readonly maxBodyBytes?: number
  /** Most seconds for a body to arrive; beyond, 408. @defaultValue `10` */
  readonly bodyTimeoutSeconds?: number
  /** Most bytes of bodies that the process holds at once; beyond, 503. @defaultValue `67108864` */
  readonly maxBufferedBytes?: number
  /** Documentation base of problem types; the code is appended. @defaultValue `urn:latchkey:` */
  readonly problemBaseUrl?: string
  /** Told what was done, by whom, and why not. @defaultValue nobody */
  readonly observe?: Observe<ManagementEvent>
}

/** {@link KeyManagementOptions}, checked and complete. */
export interface ManagementSettings {
  readonly keys: ApiKeys
  readonly authorize: Authorize
  readonly basePath: string
  readonly authorizeTimeoutSeconds: number
  readonly storeTimeoutSeconds: number
  readonly maxBodyBytes: number
  readonly bodyTimeoutSeconds: number
  readonly maxBufferedBytes: number
  readonly problemBaseUrl: string | undefined
  readonly observe: Observe<ManagementEvent> | undefined
}

const mebibyte = 1024 * 1024

/** @throws ConfigurationError naming the first option that does not fit. */
export function managementSettings(options: KeyManagementOptions): ManagementSettings {
  const read = new OptionReader('keyManagement', options, Object.keys(known) as (keyof KeyManagementOptions)[])
  return {
    keys: read.required('keys', 'what apiKeys() made', isApiKeys),
    authorize: read.required('authorize', 'a function that says who may do what', isFunction<Authorize>),
    basePath: read.optional('basePath', basePathRule, isBasePath) ?? usualBasePath,
    authorizeTimeoutSeconds: read.number('authorizeTimeoutSeconds', 5, 0.01, 60),
    storeTimeoutSeconds: read.number('storeTimeoutSeconds', 1, 0.01, 60),
    maxBodyBytes: read.integer('maxBodyBytes', 65_536, 1, 16 * mebibyte),
    bodyTimeoutSeconds: read.number('bodyTimeoutSeconds', 10, 0.1, 3600),
    maxBufferedBytes: read.integer('maxBufferedBytes', 64 * mebibyte, 0, 65_536 * mebibyte),
    problemBaseUrl: read.optional('problemBaseUrl', 'an absolute URL that a code can be appended to', isBaseUrl),
    observe: read.optional('observe', 'a function', isFunction<Observe<ManagementEvent>>),
  }
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  keys: true,
  authorize: true,
  basePath: true,
  authorizeTimeoutSeconds: true,
  storeTimeoutSeconds: true,
  maxBodyBytes: true,
  bodyTimeoutSeconds: true,
  maxBufferedBytes: true,
  problemBaseUrl: true,
  observe: true,
} as const satisfies Record<keyof KeyManagementOptions, true>

/** Where the API stands unless it is told otherwise. */
export const usualBasePath = '/api-keys'

export const basePathRule =
  'a path such as "/admin/api-keys", of [A-Za-z0-9._~-] between single slashes, none at its end'

/** Paths are compared as they were sent, so that nothing in this one may have two spellings. */
export function isBasePath(value: unknown): value is string {
  return typeof value === 'string' && /^(?:\/(?!\.\.?(?:\/|$))[\w.~-]+)+$/.test(value)
}

function isApiKeys(value: unknown): value is ApiKeys {
  const keys = value as Partial<ApiKeys> | null
  return typeof keys?.issue === 'function' && isFunction(keys.revokeAll) && Array.isArray(keys.prefixes)
}
