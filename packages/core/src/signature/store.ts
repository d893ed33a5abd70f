import type { Awaitable } from '../guard.js'

/** A store's answer to a reservation: ours; another's, still being handled; or handled already. */
export type Reservation =
  | { readonly outcome: 'reserved' }
  | { readonly outcome: 'running'; readonly leaseRemainingMs: number }
  | { readonly outcome: 'committed' }

/**
 * What the replay window asks of a store: messages handled once. Each method is one atomic round trip by the store's clock;
 * an expired entry is absent. At the millisecond at which it ends, a lease has lapsed and an entry has expired.
 *
 * A reservation stays for at least an hour after its lease has lapsed, so that a slow holder can still commit it.
 */
export interface ReplayStore {
  /**
   * Reserves the message for `leaseSeconds`, unless it is committed or another's reservation is live. Atomic: of any number
   * at once exactly one is `reserved`. Repeated under the same token before it is committed, it is `reserved` again with a
   * fresh lease.
   *
   * @param id a digest over scheme and message id, 43 base64url characters.
   * @throws `StoreError` `full` where a bounded store has no room.
   */
  reserve(id: string, token: string, leaseSeconds: number): Awaitable<Reservation>
  /**
   * Marks the message as handled for `ttlSeconds` from now, if it is reserved under `token` (its lease may have lapsed).
   * Atomic. A repeat under the token that committed it is `ok` and changes nothing.
   */
  commit(id: string, token: string, ttlSeconds: number): Awaitable<'ok' | 'stale'>
  /** Gives the message up, if it is reserved under `token`, so that the sender's retry is handled. Atomic. Never a committed one. */
  release(id: string, token: string): Awaitable<'ok' | 'stale'>
}

/** Where {@link ReplayStore} stands in a whole store. */
export interface HasReplayStore {
  readonly replay: ReplayStore
}
