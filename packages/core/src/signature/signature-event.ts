import type { BodyFault } from '../guard.js'
import type { RefusalCode } from '../problem.js'
import type { SignatureFault } from './verification/fault.js'

/** What `signature` tells its observer, and of which scheme. No event holds a secret, a signature or a body. */
export type SignatureEvent = { readonly scheme: string } & SignatureNotice

/** One thing that the guard decided or ran into. */
export type SignatureNotice =
  | { readonly type: 'signature.verified'; readonly id: string | undefined; readonly secretIndex: number }
  | MessageNotice<SignatureFault>

/** What guards of every kind of signature tell; `Fault` names what can be wrong with theirs. */
export type MessageNotice<Fault extends string> =
  /** The guard answered; the reason is known here alone. */
  | { readonly type: 'signature.refused'; readonly code: RefusalCode; readonly reason: Fault | BodyFault }
  /** The secret resolver failed, was slow, or found what is no secret. Answered 503. */
  | { readonly type: 'signature.secrets_failed'; readonly error: unknown }
  | ReplayNotice

/** What the replay window tells. */
export type ReplayNotice =
  /** A verified message came again. `running`: its handler is at work; `committed`: it has been handled. */
  | { readonly type: 'signature.replayed'; readonly state: 'running' | 'committed' }
  /** The handler succeeded: the message counts as handled. */
  | { readonly type: 'signature.committed' }
  /** The handler failed: the sender's retry will be handled. */
  | { readonly type: 'signature.released' }
  /** Another process took the message over while its handler was running here: it may have been handled twice. */
  | { readonly type: 'signature.lease_lost' }
  /** The replay store could not be asked. Answered 503. */
  | { readonly type: 'signature.reserve_failed'; readonly error: unknown }
  /** The store did not extend the lease; it is asked again. */
  | { readonly type: 'signature.renew_failed'; readonly error: unknown }
  /** The outcome could not be written; the store is asked again in the background, a few times. */
  | { readonly type: 'signature.settle_failed'; readonly error: unknown }
