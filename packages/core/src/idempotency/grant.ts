import type { Awaitable, Reply } from '../guard.js'
import { TokenSource } from '../token-source.js'
import { keyedDigest, lengthPrefixed } from './record-id.js'
import { cannotSettle, replyOf, type SettledReply } from './reply/settled-reply.js'
import type { FencedWrite, RecordTransaction } from './store.js'

/** What `idempotency` hands to the handler. */
export interface IdempotencyGrant {
  /** Whether the request is protected: not without a key, not on other methods, and not where a failing store is bypassed. */
  readonly isProtected: boolean
  /**
   * Which attempt at this request runs: 1, 2, …; 0 where it is not protected. Store it with the handler's own writes and
   * refuse lower ones there: an attempt that was overtaken may still be writing.
   */
  readonly attempt: number
  /** Fires when another attempt has taken over: whatever this one still does is not going to count. */
  readonly signal: AbortSignal
  /** Says that the effects are out: whatever the handler answers now is stored, be it a 5xx or a throw. */
  pin(): void
  /** Says that the reply is made over time and must reach the client as it is made. It is not kept for a replay. */
  live(): void
  /** Says that the reply holds a secret that must not be stored. It is not kept for a replay. */
  secretReply(): void
  /**
   * A key for the handler's own call to another service: the same in every attempt at this request, different for each
   * label. Where the request has no key, the same only within it.
   */
  derivedKey(label: string): string
  /**
   * Settles this request with this reply inside a transaction of the handler's own: what else it writes there and the record
   * commit together, or not at all. Once it has committed the client gets this reply, whatever the handler answers, also if it
   * throws. After a rollback it may be called again in another transaction. It answers at once where the transaction does
   * (SQLite). Where the request is not protected nothing is written.
   *
   * From here on the lease is not renewed: commit soon. The record is locked until then, and nobody takes it over.
   *
   * @returns the reply, complete, to answer with.
   * @throws `LeaseLostError` where another attempt has taken over; `ConfigurationError` `cannot-settle` where such a reply is
   * not kept (401, 409, 5xx and the like), or the request has been settled or answered already; the database client's own
   * errors. Let each end the transaction.
   */
  settleIn(transaction: RecordTransaction<FencedWrite>, reply: SettledReply): Reply
  settleIn(transaction: RecordTransaction<PromiseLike<FencedWrite>>, reply: SettledReply): Promise<Reply>
  settleIn(transaction: RecordTransaction, reply: SettledReply): Awaitable<Reply>
}

/** `settleIn` by what it does with a complete reply. For a transaction that answers later, whatever is thrown is a rejection. */
export function settlingIn(
  settle: (transaction: RecordTransaction, reply: Reply) => Awaitable<Reply>,
): IdempotencyGrant['settleIn'] {
  const checked = (transaction: RecordTransaction, reply: SettledReply): Awaitable<Reply> => {
    if (typeof transaction?.settle === 'function') return settle(transaction, replyOf(reply))
    throw cannotSettle('the first argument must be what transaction() of a store makes of your transaction')
  }
  const settleIn = (transaction: RecordTransaction, reply: SettledReply): Awaitable<Reply> =>
    transaction?.isSynchronous === true
      ? checked(transaction, reply)
      : Promise.resolve().then(() => checked(transaction, reply))
  return settleIn as IdempotencyGrant['settleIn']
}

/** A key that is bound to a record and a label and tells neither. */
export function derivedKey(id: string, label: string, secret: Uint8Array | undefined): string {
  return keyedDigest(lengthPrefixed(['latchkey derived key 1', id, label]), secret)
}

/** @param id the record's, where the request has a key but the store was bypassed. */
export function unprotectedGrant(id?: string, secret?: Uint8Array): IdempotencyGrant {
  let source = id
  let signal: AbortSignal | undefined
  return {
    isProtected: false,
    attempt: 0,
    get signal() {
      signal ??= new AbortController().signal
      return signal
    },
    pin: () => {},
    live: () => {},
    secretReply: () => {},
    derivedKey: (label) => {
      source ??= new TokenSource(1).next()
      return derivedKey(source, label, secret)
    },
    settleIn: settlingIn((_, reply) => reply),
  }
}
