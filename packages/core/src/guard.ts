/**
 * The seam. A feature is a function from a request to a verdict; an adapter mounts any such function; neither knows the other.
 *
 * - **guard**: decides on one request, before the handler runs.
 * - **verdict**: its decision: `pass` (the handler runs) or `reply` (the guard answers in its place).
 * - **grant**: what a passing guard hands to the handler: who is calling, which attempt this is, what was verified.
 * - **reply**: a whole HTTP response as plain data, so that a store can hold it and a test can compare it.
 * - **capture**: a passing guard's claim on the handler's reply: it is told the reply before the last byte leaves.
 */

/** A value now, or a promise of it: stores that answer at once cost no promise. */
export type Awaitable<T> = T | PromiseLike<T>

/** The header fields of a request. Names are given in lower case. */
export interface RequestHeaders {
  /** The field's value, repeated fields joined with `", "`; `null` where the field is absent. */
  get(name: string): string | null
  /**
   * How many field lines bear this name.
   *
   * @remarks On a plain fetch host the lines reach us already joined and count as one; there the grammar of keys, ids and
   * signatures refuses the comma.
   */
  count(name: string): number
  /** The field's lines as they came, in order; absent where a host has them joined. */
  lines?(name: string): readonly string[]
}

/** How a guard asks for the request's body. */
export interface BodyOptions {
  /** Most bytes that the body may have; beyond, the promise is rejected with a {@link BodyError} `too-large`. */
  readonly maxBytes: number
  /** Most seconds from the call until the last byte; beyond, {@link BodyError} `timeout`. */
  readonly timeoutSeconds: number
  /** Most bytes of bodies that the whole process may hold at once; beyond, {@link BodyError} `busy`. */
  readonly maxBufferedBytes?: number
  /** Called with each piece as it arrives, in order, so that a guard can hash while the network is slow. */
  readonly onChunk?: (chunk: Uint8Array) => void
}

/** Why a body could not be had. `aborted`: the client went away before its last byte. */
export type BodyFault = 'too-large' | 'timeout' | 'busy' | 'aborted'

/** The rejection of {@link GuardRequest.body}. Guards turn it into a refusal; it never reaches a client. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly fault: BodyFault
  constructor(fault: BodyFault) {
    super(`The request body could not be read: ${fault}`)
    this.fault = fault
  }
}

/** One request, as every framework can present it. */
export interface GuardRequest {
  /** The method on the wire, upper case as sent; never an overridden one. */
  readonly method: string
  /** Absolute, as the client addressed it. Proxy trust is the framework's own setting. */
  readonly url: string
  readonly headers: RequestHeaders
  /** The client's address as the framework's own proxy setting resolves it. */
  readonly remoteAddress: string | undefined
  /**
   * The exact bytes of the body. Lazy, read once, shared by all guards on the request; whatever is mounted after reads the
   * same bytes again. The bytes are shared: do not write to them.
   *
   * @throws {@link BodyError} by rejection; `ConfigurationError` by rejection where something consumed the body before.
   */
  body(options: BodyOptions): Promise<Uint8Array>
  /**
   * Keeps the host at work until the promise has settled, though the response has left or the client has gone. Absent where
   * nothing ends what still runs, as on Node; Workers end it, unless they are told this.
   */
  readonly waitUntil?: WaitUntil | undefined
}

/** See {@link GuardRequest.waitUntil}. The promise does not reject. */
export type WaitUntil = (work: Promise<unknown>) => void

/** Header fields in the order in which they are written; names in lower case. A name may come twice (`set-cookie`). */
export type ReplyHeaders = ReadonlyArray<readonly [name: string, value: string]>

/** The part of a reply that leaves first. */
export interface ReplyHead {
  readonly status: number
  readonly headers: ReplyHeaders
}

/** A whole response as plain data. */
export interface Reply extends ReplyHead {
  /** Exact bytes, before any transfer coding; empty where the status allows no body. */
  readonly body: Uint8Array
}

/**
 * Why a reply was not captured whole: `too-large`: over `maxBytes`; `live`: {@link Capture.holds} declined it, it streams to
 * the client as it is made; `closed`: the client went away in the middle of a stream and the end never came; `unseen`: the
 * handler answered in a way that the host cannot observe; `none`: the handler ended without a reply (it threw past every
 * error handler).
 */
export type AbandonReason = 'too-large' | 'live' | 'closed' | 'unseen' | 'none'

/** A passing guard's claim on the handler's reply. Exactly one of `settle` and `abandon` is called, once. */
export interface Capture {
  /** Most body bytes to hold back. */
  readonly maxBytes: number
  /** Whether to hold this reply back; asked once, when its head is known. `false`: {@link Capture.abandon} `live` follows. */
  holds(head: ReplyHead): boolean
  /**
   * Told the whole reply before its last byte leaves. Never rejects.
   *
   * @returns a reply to send in place of the handler's own, or `undefined` to send that one.
   */
  settle(reply: Reply): Awaitable<Reply | undefined>
  /**
   * Told that no whole reply will come. Never rejects. The host holds back what it has until this is answered.
   *
   * @returns a reply to send in place of the handler's own (heeded while its head has not left), or `undefined` to go on.
   */
  abandon(reason: AbandonReason, head?: ReplyHead): Awaitable<Reply | undefined>
}

/** The handler may run. */
export interface Pass<Grant> {
  readonly kind: 'pass'
  readonly grant: Grant
  /** Who is calling: a stable id; `null`: this guard looked and nobody presented a credential; absent: it did not look. */
  readonly caller?: string | null
  /**
   * Names, in lower case, of fields that are removed from the handler's reply when its head is written, before
   * {@link Pass.headers} are applied: markers that only the guard may set. A reply that {@link Capture} gives in place of
   * the handler's own is not touched.
   */
  readonly strip?: readonly string[]
  /** Applied when the head is written: `vary` is appended, every other field is set if absent. */
  readonly headers?: ReplyHeaders
  readonly capture?: Capture
  /**
   * Told the final status before the last byte leaves, or `abandoned` where the handler ended without one. Buffers nothing.
   * Never rejects.
   */
  settled?(outcome: number | 'abandoned'): Awaitable<void>
}

/** The guard answers; the handler does not run. */
export interface Refusal {
  readonly kind: 'reply'
  readonly reply: Reply
}

export type Verdict<Grant> = Pass<Grant> | Refusal

/** What guards that passed earlier on this request have granted. */
export interface Grants {
  /** The caller that the last guard to look has found: `null`: none presented a credential; `undefined`: none has looked. */
  readonly caller: string | null | undefined
  /** The grant of the guard that is mounted under `name`; `undefined` where none has passed under it. */
  get(name: string): unknown
}

/**
 * Decides on one request.
 *
 * @example
 * ```ts
 * import { type Guard, problem } from '@latchkey/core'
 *
 * const notOnSundays: Guard<{ day: number }> = () => {
 *   const day = new Date().getUTCDay()
 *   return day === 0
 *     ? { kind: 'reply', reply: problem({ status: 503, code: 'closed-on-sunday', title: 'Closed on Sundays' }) }
 *     : { kind: 'pass', grant: { day } }
 * }
 * ```
 */
export type Guard<Grant> = (request: GuardRequest, prior: Grants) => Awaitable<Verdict<Grant>>

/** What a guard grants. */
export type GrantOf<G> = G extends Guard<infer Grant> ? Grant : never
