import type { Observe } from '../observe.js'
import { isBaseUrl, isFunction, OptionReader } from '../option-reader.js'
import type { IdempotencyEvent } from './events.js'
import type { BodyFingerprint, FingerprintOptions } from './fingerprint/fingerprint.js'
import type { IdempotencyOptions, ProtectedMethod, ScopeFunction } from './options.js'
import { secretBytes } from './record-id.js'
import type { HasIdempotencyStore, IdempotencyStore } from './store.js'

/** {@link IdempotencyOptions}, checked and complete. */
export interface IdempotencySettings {
  readonly store: IdempotencyStore
  readonly scope: 'caller' | 'everyone' | ScopeFunction
  readonly required: boolean
  readonly methods: ReadonlySet<string>
  readonly leaseSeconds: number
  readonly maxLeaseSeconds: number
  readonly ttlSeconds: number
  readonly onAbandoned: 'reexecute' | 'block'
  readonly serverErrors: 'release' | 'store'
  readonly onSettleFailure: 'send' | 'refuse'
  readonly settleRetrySeconds: number
  readonly onStoreError: 'refuse' | 'bypass'
  readonly storeTimeoutSeconds: number
  readonly settleTimeoutSeconds: number
  readonly maxReplyBytes: number
  readonly maxBodyBytes: number
  readonly bodyTimeoutSeconds: number
  readonly maxBufferedBytes: number
  /** 0: nobody waits. */
  readonly waitSeconds: number
  readonly maxWaiters: number
  readonly strictSyntax: boolean
  readonly maxKeyAgeSeconds: number
  readonly fingerprint: FingerprintOptions
  readonly secret: Uint8Array | undefined
  readonly problemBaseUrl: string | undefined
  readonly observe: Observe<IdempotencyEvent> | undefined
  readonly now: () => number
}

const mebibyte = 1024 * 1024
const gibibyte = 1024 * mebibyte

/** @throws ConfigurationError naming the first option that does not fit. */
export function idempotencySettings(options: IdempotencyOptions): IdempotencySettings {
  const read = new OptionReader('idempotency', options, Object.keys(known) as (keyof IdempotencyOptions)[])
  const leaseSeconds = read.number('leaseSeconds', 30, 0.1, 86_400)
  const doesWait = read.boolean('wait', options.waitSeconds !== undefined)
  const waitSeconds = read.number('waitSeconds', 10, 0.01, 10)
  const secret = read.optional('secret', 'a text or bytes, at least 16 bytes of it', isSecret)
  const fingerprintHeaders = read.optional('fingerprintHeaders', 'a list of field names', isFieldNames) ?? []
  return {
    store: read.required('store', 'a store with an idempotency part', isStore).idempotency,
    scope: read.required('scope', "'caller', 'everyone' or a function", isScope),
    required: read.boolean('required', true),
    methods: new Set(read.optional('methods', `a list of ${[...protectable].join(', ')}`, isMethods) ?? defaultMethods),
    leaseSeconds,
    // A lease over a quarter of an hour was asked for, and is its own ceiling.
    maxLeaseSeconds: read.number('maxLeaseSeconds', Math.max(900, leaseSeconds), leaseSeconds, 604_800),
    ttlSeconds: read.number('ttlSeconds', 86_400, 0.1, 315_360_000),
    onAbandoned: read.oneOf('onAbandoned', ['reexecute', 'block'], 'reexecute'),
    serverErrors: read.oneOf('serverErrors', ['release', 'store'], 'release'),
    onSettleFailure: read.oneOf('onSettleFailure', ['send', 'refuse'], 'send'),
    settleRetrySeconds: read.number('settleRetrySeconds', 60, 0, 3600),
    onStoreError: read.oneOf('onStoreError', ['refuse', 'bypass'], 'refuse'),
    storeTimeoutSeconds: read.number('storeTimeoutSeconds', 1, 0.01, 60),
    settleTimeoutSeconds: read.number('settleTimeoutSeconds', 2, 0.01, 60),
    maxReplyBytes: read.integer('maxReplyBytes', mebibyte, 0, gibibyte),
    maxBodyBytes: read.integer('maxBodyBytes', mebibyte, 0, gibibyte),
    bodyTimeoutSeconds: read.number('bodyTimeoutSeconds', 10, 0.1, 3600),
    maxBufferedBytes: read.integer('maxBufferedBytes', 64 * mebibyte, 0, 64 * gibibyte),
    waitSeconds: doesWait ? waitSeconds : 0,
    maxWaiters: read.integer('maxWaiters', 100, 1, 1_000_000),
    strictSyntax: read.boolean('strictSyntax', false),
    maxKeyAgeSeconds: read.number('maxKeyAgeSeconds', Number.POSITIVE_INFINITY, 1, Number.POSITIVE_INFINITY),
    fingerprint: {
      body: read.optional('fingerprint', "'json', 'raw' or a function", isFingerprint) ?? 'json',
      headers: fingerprintHeaders.map((name) => name.toLowerCase()),
      secret,
    },
    secret: secret === undefined ? undefined : secretBytes(secret),
    problemBaseUrl: read.optional('problemBaseUrl', 'an absolute URL that a code can be appended to', isBaseUrl),
    observe: read.optional('observe', 'a function', isFunction<Observe<IdempotencyEvent>>),
    now: read.optional('now', 'a function', isFunction<() => number>) ?? Date.now,
  }
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  store: true,
  scope: true,
  required: true,
  methods: true,
  leaseSeconds: true,
  maxLeaseSeconds: true,
  ttlSeconds: true,
  onAbandoned: true,
  serverErrors: true,
  onSettleFailure: true,
  settleRetrySeconds: true,
  onStoreError: true,
  storeTimeoutSeconds: true,
  settleTimeoutSeconds: true,
  maxReplyBytes: true,
  maxBodyBytes: true,
  bodyTimeoutSeconds: true,
  maxBufferedBytes: true,
  wait: true,
  waitSeconds: true,
  maxWaiters: true,
  strictSyntax: true,
  maxKeyAgeSeconds: true,
  fingerprint: true,
  fingerprintHeaders: true,
  secret: true,
  problemBaseUrl: true,
  observe: true,
  now: true,
} as const satisfies Record<keyof IdempotencyOptions, true>

const defaultMethods: readonly ProtectedMethod[] = ['POST', 'PATCH']
const protectable: ReadonlySet<unknown> = new Set<ProtectedMethod>(['POST', 'PATCH', 'PUT', 'DELETE'])

function isMethods(value: unknown): value is readonly ProtectedMethod[] {
  return Array.isArray(value) && value.length > 0 && value.every((method) => protectable.has(method))
}

function isStore(value: unknown): value is HasIdempotencyStore {
  const part = (value as Partial<HasIdempotencyStore> | null)?.idempotency
  return (['claim', 'renew', 'settle', 'release', 'tombstone'] as const).every(
    (method) => typeof part?.[method] === 'function',
  )
}

function isScope(value: unknown): value is IdempotencySettings['scope'] {
  return value === 'caller' || value === 'everyone' || typeof value === 'function'
}

function isFingerprint(value: unknown): value is 'json' | 'raw' | BodyFingerprint {
  return value === 'json' || value === 'raw' || typeof value === 'function'
}

/** RFC 9110 section 5.1: a field name is a token. */
function isFieldNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(String(name)))
}

function isSecret(value: unknown): value is string | Uint8Array {
  return (typeof value === 'string' || value instanceof Uint8Array) && secretBytes(value).length >= 16
}
