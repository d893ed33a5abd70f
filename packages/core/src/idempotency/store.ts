import type { Awaitable } from '../guard.js'

/** What the guard asks of a store when a request with a key arrives. */
export interface ClaimRequest {
  /** The record's id: a digest over scope and key, 43 base64url characters. */
  readonly id: string
  /** A digest over the scope alone, 43 base64url characters: what a bounded store shares its room by. */
  readonly scope: string
  /** A digest over what was asked, 43 base64url characters. */
  readonly fingerprint: string
  /** The claimant's own random token, 22 base64url characters: the fence of every later write. */
  readonly token: string
  /** How long the claim holds unless it is renewed. */
  readonly leaseSeconds: number
  /** How long the record stays after its lease has lapsed. */
  readonly ttlSeconds: number
  /** Whether a running record whose lease has lapsed is taken over (`true`) or reported as `lapsed` (`false`). */
  readonly takeOver: boolean
}

/** A store's answer to a claim. */
export type Claim =
  /** The claimant owns the record. `attempt` is 1 for a new record and grows by one with each take-over. */
  | { readonly outcome: 'claimed'; readonly attempt: number }
  /** The record exists, in whatever state, under another fingerprint. */
  | { readonly outcome: 'mismatch' }
  /** Another claimant is running, and its lease is live. */
  | { readonly outcome: 'running'; readonly leaseRemainingMs: number }
  /** Another claimant's lease has lapsed, and `takeOver` was false. */
  | { readonly outcome: 'lapsed' }
  /** The reply that was settled, as it was given to `settle`. */
  | { readonly outcome: 'settled'; readonly reply: Uint8Array }
  /** What was given to `tombstone`. */
  | { readonly outcome: 'tombstone'; readonly note: Uint8Array }

/**
 * Whether a fenced write was carried out. `stale`: the record is gone, expired, finished, or another claimant's; nothing
 * changed.
 */
export type FencedWrite = 'ok' | 'stale'

/**
 * The writes that end a record, sent through a transaction of the application's own: they hold if that commits, and only then. A
 * store makes one (`postgresStore().transaction(client)`, `sqliteStore().transaction()`) for `settleIn` of the grant.
 */
export interface RecordTransaction<Answer extends Awaitable<FencedWrite> = Awaitable<FencedWrite>> {
  /** Whether it answers at once. Then `settleIn` does, too. */
  readonly isSynchronous: boolean
  /**
   * As {@link IdempotencyStore.settle}, but a record that has been settled already is `stale`: what else the transaction writes
   * would be written twice. Nothing is tried again, and the client's errors are thrown as they are.
   */
  settle(id: string, token: string, reply: Uint8Array, ttlSeconds: number): Answer
  /** As `settle`, with no reply kept. */
  tombstone(id: string, token: string, note: Uint8Array, ttlSeconds: number): Answer
}

/** One record as operators see it. No raw key is in it: none is in the store. Of an unreadable one, what is lost is empty or 0. */
export interface IdempotencyRecord {
  readonly id: string
  readonly scope: string
  /** `unreadable`: damaged, or of a later version; claims are refused as `corrupt`, and it can be released by hand. */
  readonly state: 'running' | 'lapsed' | 'settled' | 'tombstone' | 'unreadable'
  readonly attempt: number
  readonly fingerprint: string
  /** When its first attempt claimed it; epoch milliseconds by the store's clock, as are all times here. */
  readonly createdAtMs: number
  /** Until when the lease holds; only of a running or lapsed record. */
  readonly leaseUntilMs?: number
  readonly expiresAtMs: number
  /** The settled reply or the tombstone's note, still encoded; only of a settled record or a tombstone. */
  readonly content?: Uint8Array
}

/** A page of records. */
export interface RecordQuery {
  readonly state?: IdempotencyRecord['state']
  /** Only records after this id, in the order of ids. */
  readonly after?: string
  /** 1 to 1000. */
  readonly limit: number
}

/** How an operator ends a record by hand: away with it, or with this reply (encoded as for `settle`). */
export type Resolution = { readonly kind: 'release' } | { readonly kind: 'settle'; readonly reply: Uint8Array }

/**
 * What idempotency asks of a store. Each method is one atomic round trip; the store's clock, never the application's,
 * decides leases and expiry; an expired record is absent to every method. Implementations prove themselves with
 * `@latchkey/conformance`.
 *
 * A record that is running stays until its lease has lapsed and `ttlSeconds` more; a settled one or a tombstone stays
 * `ttlSeconds` from that write. At the millisecond at which it ends, a lease has lapsed and a record has expired. Bytes
 * that are given are copied, and bytes that are answered are the caller's own.
 */
export interface IdempotencyStore {
  /**
   * Takes the record if it is absent (or lapsed, same fingerprint, and `takeOver`), else says what stands there. Atomic: of
   * any number of claims at once at most one is `claimed`. A claim under the token that already holds the running record
   * is `claimed` again with the same attempt and a fresh lease (also a lapsed one, whatever `takeOver` says), so that a
   * claim whose answer was lost can be repeated. Another fingerprint is a `mismatch` before anything else is looked at.
   *
   * @throws `StoreError` `full` where a bounded store, or this scope's share of it, has no room.
   */
  claim(request: ClaimRequest): Awaitable<Claim>
  /** Extends the lease to `leaseSeconds` from now, if the record is running under `token` (it may have lapsed). Atomic. */
  renew(id: string, token: string, leaseSeconds: number, ttlSeconds: number): Awaitable<FencedWrite>
  /**
   * Stores the reply, if the record is running under `token` (its lease may have lapsed: nobody took it). Atomic. A repeat
   * under the same token with the record already settled by it is `ok`, and the first reply stands.
   *
   * @throws `StoreError` `full` where a bounded store has no room for the reply.
   */
  settle(id: string, token: string, reply: Uint8Array, ttlSeconds: number): Awaitable<FencedWrite>
  /** Removes the record, if it is running under `token`. Atomic. */
  release(id: string, token: string): Awaitable<FencedWrite>
  /** Marks the record as carried out with no reply kept, if it is running under `token`. Atomic; repeats as `settle`. */
  tombstone(id: string, token: string, note: Uint8Array, ttlSeconds: number): Awaitable<FencedWrite>
  /** The record, or `undefined` where there is none or it has expired. */
  find(id: string): Awaitable<IdempotencyRecord | undefined>
  /** Records in the order of ids, without `content`. */
  list(query: RecordQuery): Awaitable<readonly IdempotencyRecord[]>
  /**
   * Ends a record by hand; an owner that writes later is `stale`. Atomic. A lapsed record or a tombstone can be released or
   * settled; a settled or an unreadable one can be released. Otherwise nothing changes: `live`: its lease still holds; `settled`: it has a
   * reply, and a client may have it; `absent`: there is no record.
   */
  resolve(id: string, resolution: Resolution, ttlSeconds: number): Awaitable<'ok' | 'live' | 'settled' | 'absent'>
}

/** Where {@link IdempotencyStore} stands in a whole store. */
export interface HasIdempotencyStore {
  readonly idempotency: IdempotencyStore
}
