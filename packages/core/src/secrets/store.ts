import type { Awaitable } from '../guard.js'

/** One one-time token at rest. Nothing in it lets anybody rebuild the token. */
export interface TokenRecord {
  /** A digest over purpose and token, 43 base64url characters. */
  readonly id: string
  /** Whose token it is: an id of the application's own. */
  readonly subject: string
  /** 1 to 64 of `[a-z0-9_.:-]`. */
  readonly purpose: string
  /** JSON text of what the application has attached. */
  readonly data: string
}

/**
 * What one-time tokens ask of a store. Each method is one atomic round trip by the store's clock, and all of them together are
 * as if one came after the other: a token ends once, be it by a consumption, a revocation or a token that replaces it. An
 * expired token is absent to every method, from the millisecond at which it ends. Texts come back as they were given, whatever
 * characters they hold.
 */
export interface TokenStore {
  /**
   * Adds a token for `ttlSeconds`. Ids come from 256 random bits: one that is there already belongs to an insert that is sent
   * again, and is written again.
   *
   * @param replaces whether other tokens of this subject and purpose end with it. Atomic: of any number at once exactly one is
   * left.
   * @returns when the token expires, in epoch milliseconds by the store's clock.
   * @throws `StoreError` `full` where a bounded store has no room.
   */
  insert(record: TokenRecord, ttlSeconds: number, replaces: boolean): Awaitable<number>
  /**
   * Removes the token and answers what it was. Atomic: of any number at once exactly one gets the record. It is not repeatable:
   * where the answer is lost, the token is gone.
   */
  consume(id: string): Awaitable<TokenRecord | undefined>
  /**
   * Removes all tokens of the subject, or those of one purpose, and answers how many that were. Atomic: whatever was inserted
   * before is either consumed by somebody or counted here, never both.
   */
  revokeAll(subject: string, purpose?: string): Awaitable<number>
}

/** Where {@link TokenStore} stands in a whole store. */
export interface HasTokenStore {
  readonly tokens: TokenStore
}
