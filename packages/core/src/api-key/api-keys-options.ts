import type { Awaitable } from '../guard.js'
import type { Observe } from '../observe.js'
import { isFunction, OptionReader } from '../option-reader.js'
import { RandomPool } from '../random-pool.js'
import type { AddressMatcher } from './addresses.js'
import type { ApiKeyLifecycleEvent } from './events.js'
import type { RandomSource } from './key/base62.js'
import type { Peppers } from './key/digest.js'
import { isEnvironment, isPrefix } from './key/grammar.js'
import { type LegacyKeys, readLegacy } from './key/legacy-keys.js'
import { isCount, type MaxActiveKeys } from './lifecycle/issuance.js'
import type { HasRateStore, RateStore } from './rate-store.js'
import type { HasKeyStore, KeyStore } from './store.js'

/** How much of the store is kept in this process, and for how long. */
export interface ApiKeyCacheOptions {
  /**
   * How long a record serves after it was read, over 0 and up to 60. A change that the store tells of counts at once; this is the
   * bound where it cannot tell, and where what it tells gets lost.
   */
  readonly ttlSeconds: number
  /** Most keys that are kept, 1 to 1000000; beyond, those that were used longest ago go. @defaultValue `10000` */
  readonly maxKeys?: number
}

/** Options of `apiKeys`. They are about new keys: changing them invalidates none that was issued before. */
export interface ApiKeysOptions {
  /** Where digests of keys are kept, and requests are counted: without `rates` no key can have a rate limit. */
  readonly store: HasKeyStore & Partial<HasRateStore>
  /**
   * What new keys begin with, for people and secret scanners to recognise: 2 to 20 of `[a-z0-9_]`, starting with a letter,
   * without `_` at the end or twice in a row.
   */
  readonly prefix: string
  /** Prefixes of keys that were issued before `prefix` was changed; those keys are valid as ever. @defaultValue `[]` */
  readonly formerPrefixes?: readonly string[]
  /** What new keys can be for: 2 to 12 letters `a` to `z` each. @defaultValue `['live', 'test']` */
  readonly environments?: readonly string[]
  /**
   * Secrets of at least 32 bytes under which digests are HMACs: who has the store, but not these, cannot then tell whether a
   * key that they came across is in it. Rows made before peppers were configured, or under another pepper, stay valid.
   *
   * @defaultValue none: SHA-256
   */
  readonly peppers?: Peppers
  /**
   * Keeps records of keys in this process, so that a verification need not ask the store. A change to a key counts at once where
   * the store hears of it, and within `ttlSeconds` everywhere.
   *
   * @defaultValue none: each verification reads
   */
  readonly cache?: ApiKeyCacheOptions
  /**
   * Keys of earlier systems, whose hashes were imported: how they are recognised. Only what has not the shape of a key of ours is
   * looked at, and costs one read. @defaultValue `[]`
   */
  readonly legacy?: readonly LegacyKeys[]
  /** Knows addresses, for keys with `allowedIps`. @defaultValue none: no key can have any */
  readonly addresses?: AddressMatcher
  /**
   * Most active keys, neither revoked nor expired, that an owner may have: of any number of `issue` at once no more succeed. The
   * two keys of a rotation count as two until the old one ends, and no rotation is refused for it. @defaultValue any number
   */
  readonly maxActiveKeys?: MaxActiveKeys
  /**
   * Whether the owner of a key may act, asked with each use of one of its keys; all keys of a `suspended` owner are refused.
   *
   * @defaultValue every owner may
   */
  readonly ownerStatus?: OwnerStatus
  /** A use of a key that ends within so many seconds is told to `observe`; 0 to a year, 0: never. @defaultValue `604800`: a week */
  readonly expiringSeconds?: number
  /** Told of each change in the life of a key, of its use, and when the cache pauses. @defaultValue nobody */
  readonly observe?: Observe<ApiKeyLifecycleEvent>
  /** Epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number
  /**
   * Fills bytes from which ids and secrets are drawn; for tests that need the same keys each time.
   *
   * @remarks Insecure if it is anything but a CSPRNG outside of tests: keys can then be guessed.
   * @defaultValue the system's CSPRNG
   */
  readonly random?: RandomSource
}

/** Whether an owner may act. */
export type OwnerStatus = (ownerId: string) => Awaitable<'active' | 'suspended'>

/** {@link ApiKeysOptions}, checked. */
export interface ApiKeysSettings {
  readonly store: KeyStore
  readonly rates: RateStore | undefined
  /** The one for new keys first. */
  readonly prefixes: readonly string[]
  /** The default first. */
  readonly environments: readonly string[]
  readonly peppers: Peppers | undefined
  readonly cache: Required<ApiKeyCacheOptions> | undefined
  readonly legacy: readonly LegacyKeys[]
  readonly addresses: AddressMatcher | undefined
  readonly maxActiveKeys: MaxActiveKeys | undefined
  readonly ownerStatus: OwnerStatus | undefined
  readonly expiringSeconds: number
  readonly observe: Observe<ApiKeyLifecycleEvent> | undefined
  readonly now: () => number
  readonly random: RandomSource
}

/** @throws ConfigurationError naming the first option that does not fit. */
export function apiKeysSettings(options: ApiKeysOptions): ApiKeysSettings {
  const read = new OptionReader('apiKeys', options, Object.keys(known) as (keyof ApiKeysOptions)[])
  const prefix = read.required('prefix', prefixRule, isPrefix)
  const former = read.optional('formerPrefixes', `a list, each of them ${prefixRule}`, isPrefixes) ?? []
  const environments = read.optional('environments', 'a list of names, 2 to 12 letters a to z each', isEnvironments)
  const { keys, rates } = read.required('store', 'a store with a part for keys', isStore)
  return {
    store: keys,
    rates,
    prefixes: Object.freeze([...new Set([prefix, ...former])]),
    environments: Object.freeze([...new Set(environments ?? ['live', 'test'])]),
    peppers: read.optional('peppers', 'an object with "current" and "secrets"', isPeppers),
    cache: options.cache === undefined ? undefined : cacheSettings(options.cache),
    legacy: readLegacy(read.optional('legacy', 'a list', isLegacyList) ?? []),
    addresses: read.optional('addresses', 'what tells addresses apart, with "isRange" and "isWithin"', isMatcher),
    maxActiveKeys: read.optional('maxActiveKeys', 'a whole number from 0 up, or a function', isMaxActiveKeys),
    ownerStatus: read.optional('ownerStatus', 'a function', isFunction<OwnerStatus>),
    expiringSeconds: read.integer('expiringSeconds', 604_800, 0, 31_536_000),
    observe: read.optional('observe', 'a function', isFunction<Observe<ApiKeyLifecycleEvent>>),
    now: read.optional('now', 'a function', isFunction<() => number>) ?? Date.now,
    random: read.optional('random', 'a function that fills bytes', isFunction<RandomSource>) ?? drawnAhead(),
  }
}

function drawnAhead(): RandomSource {
  const pool = new RandomPool()
  return (target) => pool.fill(target)
}

const prefixRule = '2 to 20 of [a-z0-9_], starting with a letter, without "_" at the end or twice in a row'

/** Every option; the compiler sees to it that none is missing. */
const known = {
  store: true,
  prefix: true,
  formerPrefixes: true,
  environments: true,
  peppers: true,
  cache: true,
  legacy: true,
  addresses: true,
  maxActiveKeys: true,
  ownerStatus: true,
  expiringSeconds: true,
  observe: true,
  now: true,
  random: true,
} as const satisfies Record<keyof ApiKeysOptions, true>

/** A change that gets lost must not matter for longer, whatever else goes wrong. */
const mostTtlSeconds = 60

function cacheSettings(options: ApiKeyCacheOptions): Required<ApiKeyCacheOptions> {
  const read = new OptionReader('apiKeys cache', options, ['ttlSeconds', 'maxKeys'])
  return {
    ttlSeconds: read.required('ttlSeconds', `a number over 0 and up to ${mostTtlSeconds}`, isTtl),
    maxKeys: read.integer('maxKeys', 10_000, 1, 1_000_000),
  }
}

function isTtl(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= mostTtlSeconds
}

/** Every method of the contract; the compiler sees to it that none is missing. */
const storeMethods = {
  insert: true,
  find: true,
  findByLookup: true,
  list: true,
  update: true,
  rotate: true,
  shorten: true,
  revoke: true,
  revokeAll: true,
  setDisabled: true,
  remove: true,
  touch: true,
  rehash: true,
  spend: true,
  watch: true,
} as const satisfies Record<keyof KeyStore, true>

function isStore(value: unknown): value is ApiKeysOptions['store'] {
  const { keys, rates } = (value ?? {}) as Partial<ApiKeysOptions['store']>
  const isCounting = rates === undefined || typeof rates?.count === 'function'
  return (
    isCounting && (Object.keys(storeMethods) as (keyof KeyStore)[]).every((name) => typeof keys?.[name] === 'function')
  )
}

function isLegacyList(value: unknown): value is readonly LegacyKeys[] {
  return Array.isArray(value)
}

function isMatcher(value: unknown): value is AddressMatcher {
  const matcher = value as Partial<AddressMatcher> | null
  return typeof matcher?.isRange === 'function' && typeof matcher.isWithin === 'function'
}

function isMaxActiveKeys(value: unknown): value is MaxActiveKeys {
  return typeof value === 'function' || isCount(value)
}

function isPrefixes(value: unknown): value is readonly string[] {
  return Array.isArray(value) && Array.from(value).every(isPrefix)
}

function isEnvironments(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && Array.from(value).every(isEnvironment)
}

/** Their content is checked where they are read, without showing it. */
function isPeppers(value: unknown): value is Peppers {
  return typeof value === 'object' && value !== null && 'current' in value && 'secrets' in value
}
