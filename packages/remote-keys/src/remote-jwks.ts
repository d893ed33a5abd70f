import { ConfigurationError, isFunction, type Observe, OptionReader, tell } from '@latchkey/core'
import type { JWK } from 'jose'
import { boundedFetch, type FetchBounds } from './bounded-fetch.js'
import { KeyHostError } from './key-host-error.js'
import type { KeyHostEvent } from './key-host-options.js'

/** Options of {@link remoteJwks}. */
export interface RemoteJwksOptions {
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
  readonly observe?: Observe<KeyHostEvent>
  /** The clock, in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number
}

/** A JSON Web Key Set at one fixed URL. */
export interface RemoteJwks {
  /**
   * The set. Fetched when first asked for and kept; one fetch at a time, however many wait for it.
   *
   * @param kid a key id that should be in the set: where it is not, the set is fetched anew, once in `cooldownSeconds`.
   * @throws KeyHostError by rejection where the set cannot be had.
   */
  keys(kid?: string): Promise<readonly JWK[]>
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
  now: true,
} as const satisfies Record<keyof RemoteJwksOptions, true>

/**
 * A JSON Web Key Set (RFC 7517) at one fixed URL, for `jwtSignature`; `jwks` makes secrets for a preset of it.
 *
 * @param url `https`; `http` for a loopback address alone.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@latchkey/core'
 * import { fusionAuth, jwtSignature, remoteJwks } from '@latchkey/remote-keys'
 *
 * export const fromFusionAuth = jwtSignature({
 *   ...fusionAuth,
 *   algorithms: ['RS256'],
 *   publicKeys: remoteJwks('https://auth.example.com/.well-known/jwks.json'),
 *   store: memoryStore(),
 * })
 * ```
 *
 * @throws ConfigurationError where the URL or an option is impossible.
 */
export function remoteJwks(url: string, options: RemoteJwksOptions = {}): RemoteJwks {
  const read = new OptionReader('jwks', options, Object.keys(known) as (keyof RemoteJwksOptions)[])
  const maxAgeMs = read.number('maxAgeSeconds', 600, 0, 604_800) * 1000
  const cooldownMs = read.number('cooldownSeconds', 30, 0, 86_400) * 1000
  const retryAfterMs = read.number('retryAfterSeconds', 5, 0, 86_400) * 1000
  const observe = read.optional('observe', 'a function', isFunction<Observe<KeyHostEvent>>)
  const now = read.optional('now', 'a function', isFunction<() => number>) ?? (() => Date.now())
  const pinned = pinnedUrl(url)
  const bounds: FetchBounds = {
    timeoutMs: Math.ceil(read.number('timeoutSeconds', 1.5, 0.01, 60) * 1000),
    maxBytes: read.integer('maxBytes', 262_144, 1, 16_777_216),
    fetch: read.optional('fetch', 'a function', isFunction<typeof fetch>) ?? ((at, init) => fetch(at, init)),
  }

  let kept: { readonly keys: readonly JWK[]; readonly ids: ReadonlySet<unknown>; readonly atMs: number } | undefined
  let failure: { readonly error: KeyHostError; readonly untilMs: number } | undefined
  let underWay: Promise<readonly JWK[]> | undefined

  const load = async (): Promise<readonly JWK[]> => {
    try {
      const keys = await fetchSet(pinned, bounds)
      kept = { keys, ids: new Set(keys.map(({ kid }) => kid)), atMs: now() }
      failure = undefined
      return keys
    } catch (error) {
      const fault =
        error instanceof KeyHostError ? error : new KeyHostError('malformed', 'No key set', { cause: error })
      failure = { error: fault, untilMs: now() + retryAfterMs }
      tell(observe, { type: 'keys.fetch_failed', error: fault })
      throw fault
    }
  }
  const isOlderThan = (ms: number) => kept === undefined || Math.abs(now() - kept.atMs) >= ms

  return {
    async keys(kid) {
      const isMissing = kid !== undefined && kept !== undefined && !kept.ids.has(kid)
      if (kept !== undefined && !isOlderThan(maxAgeMs) && !(isMissing && isOlderThan(cooldownMs))) return kept.keys
      if (failure !== undefined && now() < failure.untilMs) throw failure.error
      underWay ??= load().finally(() => {
        underWay = undefined
      })
      return underWay
    },
  }
}

async function fetchSet(url: string, bounds: FetchBounds): Promise<readonly JWK[]> {
  const { status, bytes } = await boundedFetch({ url }, bounds)
  if (status !== 200) throw new KeyHostError('status', `The key set was answered with ${status}`)
  const set: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  const isKey = (key: unknown) => typeof key === 'object' && key !== null && !Array.isArray(key)
  if (!Array.isArray(keys) || !keys.every(isKey)) throw new KeyHostError('malformed', 'What was answered is no key set')
  return keys as JWK[]
}

function pinnedUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed?.hostname ?? '')
  if (parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback)) return parsed.href
  throw new ConfigurationError('invalid-option', 'jwks: the URL must be absolute, and of https')
}
