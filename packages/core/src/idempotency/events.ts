import type { RefusalCode } from '../problem.js'
import type { RecordFault, TombstoneReason } from './reply/reply-record.js'

/** Which record an event is about. The id is a digest: no event holds a key, a scope or a body. */
interface OfRecord {
  readonly id: string
}

interface OfAttempt extends OfRecord {
  readonly attempt: number
}

/** What `idempotency` tells its observer. */
export type IdempotencyEvent =
  /** The handler runs. `attempt` above 1: it took over from one whose lease had lapsed. */
  | (OfAttempt & { readonly type: 'idempotency.claimed' })
  /** A stored reply was sent. */
  | (OfRecord & { readonly type: 'idempotency.replayed'; readonly status: number })
  /** The guard answered; `id` is absent where the request has no valid key, `attempt` is there where the handler has run. */
  | {
      readonly type: 'idempotency.refused'
      readonly code: RefusalCode
      readonly id?: string
      readonly attempt?: number
    }
  /** The store could not be asked, and the handler ran unprotected. */
  | (OfRecord & { readonly type: 'idempotency.bypassed'; readonly error: unknown })
  /** The reply was stored. */
  | (OfAttempt & { readonly type: 'idempotency.settled'; readonly status: number })
  /** The key is free again. `status` is absent where the handler ended without a reply. */
  | (OfAttempt & { readonly type: 'idempotency.released'; readonly status?: number })
  /** The request counts as carried out, its reply was not kept. */
  | (OfAttempt & {
      readonly type: 'idempotency.tombstoned'
      readonly reason: TombstoneReason
      readonly status?: number
    })
  /** Another attempt has the record now; what this one did was not stored. */
  | (OfAttempt & { readonly type: 'idempotency.lease_lost' })
  /** The store did not answer the heartbeat; it is asked again while the lease holds. */
  | (OfAttempt & { readonly type: 'idempotency.renew_failed'; readonly error: unknown })
  /** The heartbeat stopped at `maxLeaseSeconds`; the handler still runs. */
  | (OfAttempt & { readonly type: 'idempotency.lease_ended' })
  /** The outcome could not be written; the store is asked again in the background. */
  | (OfAttempt & { readonly type: 'idempotency.settle_failed'; readonly error: unknown })
  /** The store was asked for `settleRetrySeconds` in vain, or too many replies wait: the record stays as it is. */
  | (OfAttempt & { readonly type: 'idempotency.settle_given_up' })
  /** The transaction in which `settleIn` wrote did not commit. The handler's own reply decides what becomes of the record. */
  | (OfAttempt & { readonly type: 'idempotency.rolled_back' })
  /** Whether that transaction committed could not be read; the record is settled, or its lease lapses. */
  | (OfAttempt & { readonly type: 'idempotency.commit_unknown'; readonly error: unknown })
  /** The store could not be asked for a claim. */
  | (OfRecord & { readonly type: 'idempotency.store_failed'; readonly error: unknown })
  /** A record cannot be read; it is left as it is, and the handler does not run. */
  | (OfRecord & { readonly type: 'idempotency.record_unreadable'; readonly fault: RecordFault })
