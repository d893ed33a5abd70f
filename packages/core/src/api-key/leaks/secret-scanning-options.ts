import type { Observe } from '../../observe.js'
import { isBaseUrl, isFunction, OptionReader } from '../../option-reader.js'
import type { ApiKeys } from '../api-keys.js'
import type { SecretScanningEvent } from './secret-scanning-event.js'

/** Options of `githubSecretScanning`. */
export interface GithubSecretScanningOptions {
  /** The keys that GitHub may find. */
  readonly keys: ApiKeys
  /** Whether a key that was found is revoked at once; if not, `observe` is told, and the rest is yours. @defaultValue `true` */
  readonly revoke?: boolean
  /**
   * A GitHub token without any permission, sent with requests for GitHub's public keys, where many servers share the address
   * from which they are made and its rate limit. @defaultValue none
   */
  readonly githubToken?: string
  /** What GitHub's public keys are fetched with. @defaultValue the platform's `fetch` */
  readonly fetch?: typeof globalThis.fetch
  /** Most seconds to wait for GitHub's public keys, 0.01 to 60; beyond, the request gets 503. @defaultValue `5` */
  readonly publicKeysTimeoutSeconds?: number
  /** Most seconds to wait for the store, for each key, 0.01 to 60; beyond, the request gets 503. @defaultValue `1` */
  readonly storeTimeoutSeconds?: number
  /** Most bytes of a message, some 300 a finding; beyond, 413 `request-too-large`. @defaultValue `1048576` */
  readonly maxBodyBytes?: number
  /** Most seconds for a message to arrive; beyond, 408 `request-timeout`. @defaultValue `10` */
  readonly bodyTimeoutSeconds?: number
  /** Most bytes of bodies that the process holds at once; beyond, 503 `signature-unavailable`. @defaultValue `67108864` */
  readonly maxBufferedBytes?: number
  /** Documentation base of problem types; the code is appended. @defaultValue `urn:latchkey:` */
  readonly problemBaseUrl?: string
  /** Told which keys were found and where, and why a message was refused. @defaultValue nobody */
  readonly observe?: Observe<SecretScanningEvent>
  /** Epoch milliseconds, by which public keys grow old. @defaultValue `Date.now` */
  readonly now?: () => number
}

/** {@link GithubSecretScanningOptions}, checked and complete. */
export interface SecretScanningSettings {
  readonly keys: ApiKeys
  readonly revoke: boolean
  readonly githubToken: string | undefined
  readonly fetch: typeof globalThis.fetch
  readonly publicKeysTimeoutSeconds: number
  readonly storeTimeoutSeconds: number
  readonly maxBodyBytes: number
  readonly bodyTimeoutSeconds: number
  readonly maxBufferedBytes: number
  readonly problemBaseUrl: string | undefined
  readonly observe: Observe<SecretScanningEvent> | undefined
  readonly now: () => number
}

const mebibyte = 1024 * 1024
const gibibyte = 1024 * mebibyte

/** @throws ConfigurationError naming the first option that does not fit. */
export function secretScanningSettings(options: GithubSecretScanningOptions): SecretScanningSettings {
  const names = Object.keys(known) as (keyof GithubSecretScanningOptions)[]
  const read = new OptionReader('githubSecretScanning', options, names)
  const given = read.optional('fetch', 'a function', isFunction<typeof globalThis.fetch>)
  return {
    keys: read.required('keys', 'what apiKeys() made', isApiKeys),
    revoke: read.boolean('revoke', true),
    githubToken: read.optional('githubToken', 'a token of printable ASCII without spaces', isToken),
    fetch: given ?? ((input, init) => globalThis.fetch(input, init)),
    publicKeysTimeoutSeconds: read.number('publicKeysTimeoutSeconds', 5, 0.01, 60),
    storeTimeoutSeconds: read.number('storeTimeoutSeconds', 1, 0.01, 60),
    maxBodyBytes: read.integer('maxBodyBytes', mebibyte, 0, gibibyte),
    bodyTimeoutSeconds: read.number('bodyTimeoutSeconds', 10, 0.1, 3600),
    maxBufferedBytes: read.integer('maxBufferedBytes', 64 * mebibyte, 0, 64 * gibibyte),
    problemBaseUrl: read.optional('problemBaseUrl', 'an absolute URL that a code can be appended to', isBaseUrl),
    observe: read.optional('observe', 'a function', isFunction<Observe<SecretScanningEvent>>),
    now: read.optional('now', 'a function', isFunction<() => number>) ?? Date.now,
  }
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  keys: true,
  revoke: true,
  githubToken: true,
  fetch: true,
  publicKeysTimeoutSeconds: true,
  storeTimeoutSeconds: true,
  maxBodyBytes: true,
  bodyTimeoutSeconds: true,
  maxBufferedBytes: true,
  problemBaseUrl: true,
  observe: true,
  now: true,
} as const satisfies Record<keyof GithubSecretScanningOptions, true>

function isApiKeys(value: unknown): value is ApiKeys {
  const keys = value as Partial<ApiKeys> | null
  return typeof keys?.verify === 'function' && isFunction(keys.revoke) && Array.isArray(keys.prefixes)
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]{1,1024}$/.test(value)
}
