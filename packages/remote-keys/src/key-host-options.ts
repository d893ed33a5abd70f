import { ConfigurationError, isFunction, type Observe, OptionReader, tell } from '@latchkey/core'
import type { FetchBounds } from './bounded-fetch.js'
import type { KeyCacheRules } from './key-cache.js'
import type { KeyHostError } from './key-host-error.js'

/** How keys are fetched, and how long they are kept. */
export interface KeyHostOptions {
  /** What fetches; redirects are not followed. @defaultValue `fetch` */
  readonly fetch?: typeof fetch
  /** Most seconds for a fetch. Keep it under the guard's `secretsTimeoutSeconds`. @defaultValue `1.5` */
  readonly timeoutSeconds?: number
  /** Most bytes of an answer. @defaultValue `65536` */
  readonly maxBytes?: number
  /** Seconds for which a key is used before it is fetched anew. @defaultValue `3600` */
  readonly maxAgeSeconds?: number
  /** Seconds for which what names no key is unknown (401), with no other fetch. @defaultValue `300` */
  readonly negativeSeconds?: number
  /** Seconds after a failed fetch in which the answer is 503, with no other fetch for the same key. @defaultValue `5` */
  readonly retryAfterSeconds?: number
  /** Most fetches at once; beyond, what is not kept is 503. @defaultValue `4` */
  readonly maxConcurrentFetches?: number
  /** Most fetches that begin within a minute; beyond, what is not kept is 503. @defaultValue `30` */
  readonly maxFetchesPerMinute?: number
  /** Told of each fetch that failed. */
  readonly observe?: Observe<KeyHostEvent>
}

/** What has an option for all of them. */
export interface HasKeyHost {
  /** How keys and certificates are fetched and kept. */
  readonly keyHost?: KeyHostOptions
}

/** What an observer of key hosts is told. */
export interface KeyHostEvent {
  readonly type: 'keys.fetch_failed'
  readonly error: KeyHostError
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  fetch: true,
  timeoutSeconds: true,
  maxBytes: true,
  maxAgeSeconds: true,
  negativeSeconds: true,
  retryAfterSeconds: true,
  maxConcurrentFetches: true,
  maxFetchesPerMinute: true,
  observe: true,
} as const satisfies Record<keyof KeyHostOptions, true>

/** {@link KeyHostOptions}, checked and complete: all that a cache needs besides what it loads, and the clock. */
export interface KeyHostSettings {
  readonly bounds: FetchBounds
  readonly rules: Omit<KeyCacheRules<never>, 'load' | 'now'>
}

/** Most certificates or keys that one guard keeps, and most ids that name none. */
const maxKeys = 100
const maxMisses = 1000
const week = 604_800

/** @throws ConfigurationError naming the first option that does not fit. */
export function keyHostOption(
  factory: string,
  outer: OptionReader<HasKeyHost>,
  defaults: KeyHostDefaults = {},
): KeyHostSettings {
  const names = Object.keys(known) as (keyof KeyHostOptions)[]
  const read = outer.nested<KeyHostOptions>('keyHost', names)
  if (read === null)
    throw new ConfigurationError('invalid-option', `${factory}: "keyHost" must be an object, it is null`)
  return keyHostSettings(read ?? new OptionReader<KeyHostOptions>(factory, {}, names), defaults)
}

interface KeyHostDefaults {
  readonly maxAgeSeconds?: number
}

function keyHostSettings(read: OptionReader<KeyHostOptions>, defaults: KeyHostDefaults): KeyHostSettings {
  const observe = read.optional('observe', 'a function', isFunction<Observe<KeyHostEvent>>)
  return {
    bounds: {
      // Looked up when it is called: a test may have replaced the global one by then.
      fetch: read.optional('fetch', 'a function', isFunction<typeof fetch>) ?? ((url, init) => fetch(url, init)),
      timeoutMs: Math.ceil(read.number('timeoutSeconds', 1.5, 0.01, 60) * 1000),
      maxBytes: read.integer('maxBytes', 65_536, 1, 16_777_216),
    },
    rules: {
      maxAgeSeconds: read.number('maxAgeSeconds', defaults.maxAgeSeconds ?? 3600, 0, week),
      negativeSeconds: read.number('negativeSeconds', 300, 0, 86_400),
      retryAfterSeconds: read.number('retryAfterSeconds', 5, 0, 86_400),
      maxConcurrentFetches: read.integer('maxConcurrentFetches', 4, 1, 1000),
      maxFetchesPerMinute: read.integer('maxFetchesPerMinute', 30, 1, 100_000),
      maxKeys,
      maxMisses,
      failed: (error) => tell(observe, { type: 'keys.fetch_failed', error }),
    },
  }
}
