import { isLine, OptionReader } from '../../option-reader.js'
import type { KeyChanges, KeyRecord, QuotaRefill, RateLimit } from '../store.js'
import type { ScopeGrant } from '../verification/scopes.js'
import { type LimitParts, readKeyFields } from './key-fields.js'

/** What a new key is to be. */
export interface NewApiKey<Scope extends string = string> {
  /** For whom the key is: the `caller` of its requests. 1 to 255 characters. */
  readonly ownerId: string
  /** One of the configured environments. @defaultValue the first of `environments` */
  readonly environment?: string
  /** What the key may do; at most 256. @defaultValue `[]`: nothing that asks for a scope */
  readonly scopes?: readonly ScopeGrant<Scope>[]
  /** For people, up to 255 characters. @defaultValue `null` */
  readonly name?: string | null
  /** JSON data of the application's own, at most 16 KiB and 100 levels deep; the grant carries it. @defaultValue `{}` */
  readonly metadata?: Readonly<Record<string, unknown>>
  /**
   * Addresses and CIDR ranges from which the key may be used, 1 to 256; it needs `addresses` of `apiKeys`.
   *
   * @defaultValue `null`: from anywhere
   */
  readonly allowedIps?: readonly string[] | null
  /** Most requests (1 to 1,000,000,000) in each window (1 second to a day). @defaultValue `null`: no limit */
  readonly rateLimit?: RateLimit | null
  /** How many requests are left, and whether they come back. @defaultValue `null`: no end of them */
  readonly quota?: NewQuota | null
  /** From when the key is refused, as a date or in epoch milliseconds. Not in the past. @defaultValue `null`: never */
  readonly expiresAt?: Date | number | null
  /**
   * Unused for so many seconds (120 to ten years), the key is refused as one that has expired; counted from its last use, or
   * else from its making. @defaultValue `null`: it may rest
   */
  readonly idleSeconds?: number | null
}

/** The quota of a key that is made or changed. */
export interface NewQuota {
  /** 0 to 1,000,000,000. */
  readonly remaining: number
  /**
   * Every so many seconds (up to a year) the quota is set to `amount` (up to 1,000,000,000) again; first so many seconds from
   * now. @defaultValue `null`: what is spent is spent
   */
  readonly refill?: QuotaRefill | null
}

/** What of a key can be changed. Absent names stay as they are; of a {@link NewApiKey} only owner and environment are for good. */
export type ApiKeyChanges<Scope extends string = string> = Omit<NewApiKey<Scope>, 'ownerId' | 'environment'>

/** The columns that the application chooses. */
export type ChosenColumns = Required<KeyChanges> & Pick<KeyRecord, 'ownerId' | 'environment'>

/** What a new key is held against. */
export interface NewKeyRules extends LimitParts {
  readonly environments: readonly string[]
}

const changeable = {
  name: true,
  scopes: true,
  metadata: true,
  allowedIps: true,
  rateLimit: true,
  quota: true,
  expiresAt: true,
  idleSeconds: true,
} as const satisfies Record<keyof ApiKeyChanges, true>

/** The names in {@link ApiKeyChanges}. */
export const changeNames = Object.freeze(Object.keys(changeable) as (keyof ApiKeyChanges)[])

/** The names in {@link NewApiKey}: any other is refused, so that what came with a request sets no column that nobody thought of. */
export const newKeyNames = Object.freeze<(keyof NewApiKey)[]>(['ownerId', 'environment', ...changeNames])

const defaults: Required<KeyChanges> = Object.freeze({
  name: null,
  scopes: Object.freeze([]),
  metadata: Object.freeze({}),
  allowedIps: null,
  rateLimit: null,
  quota: null,
  expiresAtMs: null,
  idleSeconds: null,
})

/**
 * Checks what a new key is to be.
 *
 * @throws ConfigurationError naming what does not fit.
 */
export function readNewApiKey(input: NewApiKey, rules: NewKeyRules, nowMs: number): ChosenColumns {
  return readColumns(new OptionReader('issue', input, newKeyNames), rules, nowMs)
}

/** As {@link readNewApiKey}, of something that has more to it than a new key. */
export function readColumns(read: OptionReader<NewApiKey>, rules: NewKeyRules, nowMs: number): ChosenColumns {
  const { environments } = rules
  return {
    ownerId: read.required('ownerId', 'a text of 1 to 255 characters, none of them a control character', isLine),
    environment: read.oneOf('environment', environments, environments[0]!),
    ...defaults,
    ...readKeyFields(read, nowMs, rules),
  }
}
