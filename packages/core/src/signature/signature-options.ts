import type { GuardRequest } from '../guard.js'
import type { Observe } from '../observe.js'
import type { BoundScheme } from './scheme-model/bound-scheme.js'
import type { SignatureEvent } from './signature-event.js'
import type { HasReplayStore } from './store.js'

/** Options of the guard `signature`. */
export interface SignatureOptions {
  /** Who signs, and with which secrets: `github({ secrets: [secret] })`. */
  readonly scheme: BoundScheme
  /**
   * Where the replay window remembers which messages were handled. Required, unless `replay: false` is typed out or the
   * scheme signs nothing that a message could be known by (`staticHeader`), in which case it is not used.
   */
  readonly store?: HasReplayStore
  /**
   * `false`: no replay window.
   *
   * @remarks Insecure if handling a message twice does harm: within the tolerance, and for ever where the scheme signs no
   * time, whoever has seen a message can send it again.
   * @defaultValue `undefined`: the window is on
   */
  readonly replay?: false
  /**
   * Seconds for which a handled message is remembered. Providers retry for days.
   *
   * @remarks Insecure if it is less than twice the tolerance: a message would be forgotten before its time is up.
   * @defaultValue `259200` (72 hours)
   */
  readonly replayTtlSeconds?: number
  /**
   * Seconds for which a message is held by a process that may have died. While the handler runs the lease is extended.
   *
   * @defaultValue `30`
   */
  readonly replayLeaseSeconds?: number
  /** Most seconds for which a lease is extended; a handler that never ends blocks its message no longer. @defaultValue `900` */
  readonly replayMaxLeaseSeconds?: number
  /**
   * What a replay of a handled message gets: `'refuse'`: 409 `signature-replayed`; `'acknowledge'`: an empty 200, for
   * senders that would otherwise go on retrying. One that is still being handled gets 409 either way.
   *
   * @defaultValue `'refuse'`
   */
  readonly onReplay?: 'refuse' | 'acknowledge'
  /** Seconds that a signed time may be off, both ways, borders included. @defaultValue the scheme's own, mostly `300` */
  readonly toleranceSeconds?: number
  /**
   * The URL that the sender was given, or how it follows from the request; required where the scheme signs it, since behind
   * a proxy no server can know it. Of a list any may be signed: senders write the same URL with and without its port. No
   * effect elsewhere.
   *
   * @remarks Insecure if the function answers what a client may choose, as the host that a request names. Where URL and body are signed
   * with nothing between them (HubSpot, Square, Trello, Twilio), that is the query, too: whoever repeats a message could move the
   * end of one into the other.
   */
  readonly publicUrl?:
    | string
    | readonly string[]
    | ((request: Pick<GuardRequest, 'method' | 'url' | 'headers'>) => string | readonly string[])
  /** Most bytes of a body; beyond, 413 `request-too-large`. @defaultValue `1048576` */
  readonly maxBodyBytes?: number
  /** Most seconds for a body to arrive; beyond, 408 `request-timeout`. @defaultValue `10` */
  readonly bodyTimeoutSeconds?: number
  /** Most bytes of bodies that the process holds at once; beyond, 503 `signature-unavailable`. @defaultValue `67108864` */
  readonly maxBufferedBytes?: number
  /** Most seconds for a secret resolver; beyond, 503 `signature-unavailable`. @defaultValue `2` */
  readonly secretsTimeoutSeconds?: number
  /** Most seconds for the replay store before the handler runs; beyond, 503 `signature-unavailable`. @defaultValue `1` */
  readonly storeTimeoutSeconds?: number
  /** Most seconds by which settling in the replay store delays the reply; it goes on behind it. @defaultValue `2` */
  readonly settleTimeoutSeconds?: number
  /** Where the codes are documented; becomes the `type` of problems, the code appended. @defaultValue `urn:latchkey:` */
  readonly problemBaseUrl?: string
  /** Told what was decided and why; clients are told no reason. */
  readonly observe?: Observe<SignatureEvent>
  /** The clock by which times are judged, in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number
}
