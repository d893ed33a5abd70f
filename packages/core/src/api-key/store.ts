import type { Awaitable } from '../guard.js'

/** One API key at rest. Nothing in it lets anybody rebuild the key. */
export interface KeyRecord {
  /** 12 base62 characters; public. */
  readonly id: string
  readonly prefix: string
  readonly environment: string
  /** How `digest` was made, `sha256` or `hmac-sha256`. */
  readonly algorithm: string
  /** Which pepper; `null` where there was none. */
  readonly pepperId: string | null
  /** Digest of the whole key, base64url without padding. */
  readonly digest: string
  readonly name: string | null
  readonly ownerId: string
  readonly scopes: readonly string[]
  /** JSON data of the application's own. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Epoch milliseconds, as are all times here. */
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
  readonly disabledAtMs: number | null
  readonly revokedAtMs: number | null
  readonly revocationReason: string | null
}

/** A page of keys. */
export interface KeyQuery {
  readonly ownerId?: string
  /** Only keys after this id, in the order of ids. */
  readonly after?: string
  /** 1 to 1000. */
  readonly limit: number
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
 * metadata as JSON does.
 */
export interface KeyStore {
  /** Adds the key. Atomic. `false`, and nothing changed, where its id is taken. */
  insert(record: KeyRecord): Awaitable<boolean>
  /** The key with this id; one read. */
  find(id: string): Awaitable<KeyRecord | undefined>
  /** Keys in the order of ids. */
  list(query: KeyQuery): Awaitable<readonly KeyRecord[]>
  /** Revokes for good. Atomic; the first revocation stands, a second is `true` and changes nothing. `false`: no such key. */
  revoke(id: string, revokedAtMs: number, reason: string | null): Awaitable<boolean>
  /** Disables (a time) or enables (`null`). Atomic. `false`: no such key. */
  setDisabled(id: string, disabledAtMs: number | null): Awaitable<boolean>
  /**
   * Tells of every change to a key until the store is closed, which it tells as `lost`. A write by this store, also one that
   * fails, is told before it is answered. Changes by other processes are told as soon as the store learns of them, if it can learn
   * of them at all; one that cannot is `heard` all the same. A watcher knows nothing until `heard`, which may come at once.
   *
   * @throws ConfigurationError where the store's options leave it no way to learn of changes.
   */
  watch(watcher: KeyWatcher): void
}

/** Where {@link KeyStore} stands in a whole store. */
export interface HasKeyStore {
  readonly keys: KeyStore
}
