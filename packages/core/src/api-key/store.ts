import type { Awaitable } from '../guard.js'

/** How many requests a key may make: at most `limit` in each window of so many seconds. */
export interface RateLimit {
  readonly limit: number
  readonly windowSeconds: number
}

/** How a quota comes back: every so many seconds it is set to `amount` again. */
export interface QuotaRefill {
  readonly amount: number
  readonly everySeconds: number
}

/** How many requests are left, counted down to nothing. */
export interface Quota {
  readonly remaining: number
  /** `null`: what is spent is spent. */
  readonly refill: QuotaRefill | null
  /** When the next refill is due, epoch milliseconds; `null` where there is none. */
  readonly refillAtMs: number | null
}

/** How a key is kept at rest: nothing in it lets anybody rebuild the key. */
export interface KeyDigest {
  /** `sha256`, `sha512`, `hmac-sha256`, or `custom:` and the name of a verifier. */
  readonly algorithm: string
  /** Which pepper; `null` where there was none. */
  readonly pepperId: string | null
  /** Digest of the whole key, base64url without padding; of a custom verifier whatever it reads. */
  readonly digest: string
}

/** One API key at rest. */
export interface KeyRecord extends KeyDigest {
  /** 12 base62 characters; public. */
  readonly id: string
  /**
   * What a foreign key is found by, since it has no id of ours: a digest of it, or what a custom verifier reads out of it. No two
   * keys have the same. `null`: a key of our own, which names its id.
   */
  readonly lookup: string | null
  /** Empty for a foreign key. */
  readonly prefix: string
  readonly environment: string
  readonly name: string | null
  readonly ownerId: string
  readonly scopes: readonly string[]
  /** JSON data of the application's own. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Addresses and CIDR ranges from which the key may be used; `null`: any. */
  readonly allowedIps: readonly string[] | null
  readonly rateLimit: RateLimit | null
  /** Of the meter: keys that share one share it. */
  readonly quota: Quota | null
  /** Whose rate and quota the key's requests count against: its own id, or that of the first key it was rotated from. */
  readonly meterId: string
  /** Epoch milliseconds, as are all times here. */
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
  /** Unused for so long, the key is refused; counted from its last use, or else from its making. */
  readonly idleSeconds: number | null
  readonly lastUsedAtMs: number | null
  /** The key that took this one's place, and the one whose place this one took. */
  readonly rotatedTo: string | null
  readonly rotatedFrom: string | null
  /** At the first use of this key, the one whose place it took has so many seconds left; `null`: its end is settled already. */
  readonly graceOnUseSeconds: number | null
  readonly disabledAtMs: number | null
  readonly revokedAtMs: number | null
  readonly revocationReason: string | null
}

/** A page of keys. */
export interface KeyQuery {
  readonly ownerId?: string
  readonly environment?: string
  /** Only keys in whose name this text stands, letter for letter. */
  readonly nameContains?: string
  /** Only keys after this id, in the order of ids. */
  readonly after?: string
  /** 1 to 1000. */
  readonly limit: number
}

/** What of a key can be changed by hand. An absent name leaves its column alone. */
export type KeyChanges = Partial<
  Pick<KeyRecord, 'name' | 'scopes' | 'metadata' | 'allowedIps' | 'rateLimit' | 'quota' | 'expiresAtMs' | 'idleSeconds'>
>

/** What a new key has of its own when it takes another's place. Whatever else a key has it takes over as it then stands. */
export type Successor = Pick<
  KeyRecord,
  'id' | 'prefix' | 'algorithm' | 'pepperId' | 'digest' | 'createdAtMs' | 'expiresAtMs' | 'graceOnUseSeconds'
>

/** `full`: the owner has as many keys as it may have. */
export type KeyInsertion = 'ok' | 'taken' | 'full'

/** Why a key was not rotated: no such key; revoked, expired or rotated already; or the successor's id is taken. */
export type KeyRotation = 'ok' | 'absent' | 'revoked' | 'expired' | 'rotated' | 'taken'

/** `exceeded`: nothing is left, and nothing was spent. */
export interface QuotaSpending {
  readonly outcome: 'ok' | 'exceeded'
  readonly remaining: number
  readonly refillAtMs: number | null
}

/** Whom a store tells that keys change, by whichever hand. Nothing here throws. */
export interface KeyWatcher {
  /** The key with this id may have changed or gone; without an id, any of them. */
  changed(id?: string): void
  /** From now on every change that the store can learn of is told. */
  heard(): void
  /** From now on changes may go by untold, those by this store alone excepted. */
  lost(error: unknown): void
}

/**
 * What API keys ask of a store. Each method but `watch` is one atomic round trip, and a write touches only the columns that it
 * names, so that writes to one key never undo each other. Texts come back as they were given, whatever characters they hold;
 * metadata as JSON does. The times are the application's.
 */
export interface KeyStore {
  /**
   * Adds the key, and its quota with it. Atomic; a repetition of an insert whose answer was lost is `ok`, and so is nothing else
   * under an id or a lookup that is taken.
   *
   * @param maxActiveOfOwner `full` where the owner has so many keys that are neither revoked nor expired at `createdAtMs`: of
   * any number of inserts at once no more succeed.
   */
  insert(record: KeyRecord, maxActiveOfOwner?: number): Awaitable<KeyInsertion>
  /** The key with this id; one read. */
  find(id: string): Awaitable<KeyRecord | undefined>
  /** The key that has one of these lookups, 1 to 16 of them; where several have one, that of the lookup named first. One read. */
  findByLookup(lookups: readonly string[]): Awaitable<KeyRecord | undefined>
  /** Keys in the order of ids. A page may be short, or empty only at the end. */
  list(query: KeyQuery): Awaitable<readonly KeyRecord[]>
  /** Changes what is named. Atomic. A quota is the meter's: it changes for all keys that share it. `false`: no such key. */
  update(id: string, changes: KeyChanges): Awaitable<boolean>
  /**
   * Adds a successor with everything that `id` has at this moment, disabled or not, and its own columns; ends the old key at
   * `endsAtMs`, or as before where that comes first; links the two. `null`: the end is settled at the successor's first use.
   * Atomic: of any number at once one is `ok`.
   */
  rotate(id: string, successor: Successor, endsAtMs: number | null): Awaitable<KeyRotation>
  /** Ends the key at `expiresAtMs`, or as before where that comes first. Atomic. `false`: no such key. */
  shorten(id: string, expiresAtMs: number): Awaitable<boolean>
  /** Revokes for good. Atomic; the first revocation stands, a second is `true` and changes nothing. `false`: no such key. */
  revoke(id: string, revokedAtMs: number, reason: string | null): Awaitable<boolean>
  /** Revokes every key of the owner that is not yet revoked, and answers with their ids. Atomic. */
  revokeAll(ownerId: string, revokedAtMs: number, reason: string | null): Awaitable<readonly string[]>
  /** Disables (a time) or enables (`null`). Atomic. `false`: no such key. */
  setDisabled(id: string, disabledAtMs: number | null): Awaitable<boolean>
  /** Deletes the key, and its quota with the last key that shares it. Atomic. `false`: no such key. */
  remove(id: string): Awaitable<boolean>
  /** Notes a use. Atomic; the latest time stands. `false`: no such key. */
  touch(id: string, usedAtMs: number): Awaitable<boolean>
  /**
   * Replaces the digest (and the lookup), if it still is `from`. Atomic. `false`: it is another, another key has the new lookup,
   * or there is no such key.
   */
  rehash(id: string, from: KeyDigest, to: KeyDigest & Pick<KeyRecord, 'lookup'>): Awaitable<boolean>
  /**
   * Spends one request of the quota of `meterId`, after any refill that is due at `nowMs`. Atomic: of any number at once so many
   * are `ok` as were left. Where there is no quota it is `exceeded`.
   */
  spend(meterId: string, nowMs: number): Awaitable<QuotaSpending>
  /**
   * Tells of every change to a key, its last use and what is left of its quota excepted, until the store is closed, which it tells as
   * `lost`. A write by this store, also one that
   * fails, is told before it is answered. Changes by other processes are told as soon as the store learns of them, if it can learn
   * of them at all; one that cannot is `heard` all the same. A watcher knows nothing until `heard`, which may come at once.
   *
   * @throws ConfigurationError where the store's options leave it no way to learn of changes.
   */
  watch(watcher: KeyWatcher): void
}

/** Where records are read for a verification: a store, or what stands before one. */
export type KeySource = Pick<KeyStore, 'find' | 'findByLookup'>

/** Where {@link KeyStore} stands in a whole store. */
export interface HasKeyStore {
  readonly keys: KeyStore
}
