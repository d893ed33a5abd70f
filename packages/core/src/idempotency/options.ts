import type { Awaitable, Grants, GuardRequest } from '../guard.js'
import type { Observe } from '../observe.js'
import type { IdempotencyEvent } from './events.js'
import type { BodyFingerprint } from './fingerprint/fingerprint.js'
import type { HasIdempotencyStore } from './store.js'

/**
 * Who shares keys with the caller of this request, as an opaque text: a tenant, an account. Requests with equal answers see
 * each other's keys and replies.
 *
 * @remarks Insecure if the answer comes from what the client says of itself and nobody has verified.
 */
export type ScopeFunction = (request: GuardRequest, prior: Grants) => Awaitable<string | undefined>

/** A method that can be protected. The others promise to have no effect, or are not ours to repeat. */
export type ProtectedMethod = 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** Options of `idempotency`. */
export interface IdempotencyOptions {
  /** Where records are kept. */
  readonly store: HasIdempotencyStore
  /**
   * Within whom a key is unique, and so who can be shown whose reply. `'caller'`: the API key's owner, from the guard that
   * is mounted before; `'everyone'`: all clients share one set of keys; a function: what it answers.
   *
   * @remarks Insecure if `'everyone'` is given where clients differ in what they may see: whoever sends somebody else's key
   * and request is shown the reply.
   */
  readonly scope: 'caller' | 'everyone' | ScopeFunction
  /** Whether a request without a key is refused (400). If not, it runs unprotected. @defaultValue `true` */
  readonly required?: boolean
  /** Methods on which the field is heeded; on all others it is ignored. @defaultValue `['POST', 'PATCH']` */
  readonly methods?: readonly ProtectedMethod[]
  /**
   * Seconds (0.1 to 86,400) that a claim holds unless the heartbeat renews it: how long a crash blocks its key.
   *
   * @defaultValue 30
   */
  readonly leaseSeconds?: number
  /** Seconds (`leaseSeconds` to 604,800) past which a claim is renewed no more. @defaultValue 900 */
  readonly maxLeaseSeconds?: number
  /**
   * Seconds (0.1 to 315,360,000) that a record stays after it settled. A retry that comes later runs the handler again.
   *
   * @defaultValue 86,400
   */
  readonly ttlSeconds?: number
  /**
   * What a request meets whose predecessor crashed: `'reexecute'` runs the handler again, `'block'` answers 409
   * `idempotency-outcome-unknown` until an operator has looked. Choose `'block'` where running twice costs money.
   *
   * @defaultValue `'reexecute'`
   */
  readonly onAbandoned?: 'reexecute' | 'block'
  /**
   * Whether a 5xx, or a handler that throws, frees the key for another try (`'release'`) or is kept and replayed
   * (`'store'`). A handler that called `pin()` is always kept.
   *
   * @defaultValue `'release'`
   */
  readonly serverErrors?: 'release' | 'store'
  /**
   * What the client gets when its reply could not be stored: the reply (`'send'`), or a 503 (`'refuse'`). Either way the
   * store is asked again in the background for `settleRetrySeconds`.
   *
   * @defaultValue `'send'`
   */
  readonly onSettleFailure?: 'send' | 'refuse'
  /** Seconds (0 to 3,600) for which a failed settling is tried again. @defaultValue 60 */
  readonly settleRetrySeconds?: number
  /**
   * What happens when the store cannot be asked: a 503 (`'refuse'`), or the handler runs unprotected and the reply says so
   * in `Idempotency-Status: bypassed` (`'bypass'`).
   *
   * @remarks Insecure if `'bypass'` is given where running twice does harm: a failing store then means no protection.
   * @defaultValue `'refuse'`
   */
  readonly onStoreError?: 'refuse' | 'bypass'
  /** Seconds (0.01 to 60) that the store has for a claim or a renewal. @defaultValue 1 */
  readonly storeTimeoutSeconds?: number
  /** Seconds (0.01 to 60) that the store has for settling, releasing or a tombstone. @defaultValue 2 */
  readonly settleTimeoutSeconds?: number
  /** Most bytes of a reply's body that are kept; a larger one streams on and leaves a tombstone. @defaultValue 1 MiB */
  readonly maxReplyBytes?: number
  /** Most bytes of a request's body; a larger one is refused (413). @defaultValue 1 MiB */
  readonly maxBodyBytes?: number
  /** Seconds (0.1 to 3,600) that a request's body may take to arrive; a slower one is refused (408). @defaultValue 10 */
  readonly bodyTimeoutSeconds?: number
  /**
   * Most bytes of request bodies that the process holds at once, and of replies that wait to be stored; beyond, 503.
   *
   * @defaultValue 64 MiB
   */
  readonly maxBufferedBytes?: number
  /** Whether a request waits for its running predecessor and gets its reply, in place of a 409. @defaultValue `false` */
  readonly wait?: boolean
  /** Seconds (above 0, at most 10) that it waits before the 409; giving it turns waiting on. @defaultValue 10 */
  readonly waitSeconds?: number
  /** Most requests (1 to 1,000,000) that wait in this guard at once; one more gets its 409 at once. @defaultValue 100 */
  readonly maxWaiters?: number
  /** Whether only the draft's quoted form of the key is taken, and not the bare one. @defaultValue `false` */
  readonly strictSyntax?: boolean
  /**
   * Seconds after which a time-ordered key (UUIDv7, ULID) is refused (400), so that a retry cannot outlive its record and
   * run again: give at most `ttlSeconds`. The age of other keys is not known, and they pass.
   *
   * @defaultValue none: keys have no age
   */
  readonly maxKeyAgeSeconds?: number
  /**
   * How the body enters the fingerprint: `'json'` ignores the order of members and white space in JSON, and the boundary
   * of multipart forms; `'raw'` takes the bytes; a function answers what stands for the body.
   *
   * @defaultValue `'json'`
   */
  readonly fingerprint?: 'json' | 'raw' | BodyFingerprint
  /** Request headers that a retry has to repeat. @defaultValue none */
  readonly fingerprintHeaders?: readonly string[]
  /**
   * At least 16 bytes under which ids and fingerprints are HMACs: who reads the store cannot then test guesses at keys or
   * bodies. A new secret forgets every record.
   *
   * @defaultValue none: SHA-256
   */
  readonly secret?: string | Uint8Array
  /** Documentation base of problem types; the code is appended. @defaultValue `urn:latchkey:` */
  readonly problemBaseUrl?: string
  /** Told what the guard decided. @defaultValue nobody */
  readonly observe?: Observe<IdempotencyEvent>
  /** Epoch milliseconds, for the age of keys alone: leases and expiry are the store's. @defaultValue `Date.now` */
  readonly now?: () => number
}
