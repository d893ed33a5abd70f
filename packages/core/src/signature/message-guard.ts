import { noBytes } from '../bytes.js'
import { within } from '../deadline.js'
import { ConfigurationError } from '../errors.js'
import {
  type Awaitable,
  BodyError,
  type Grants,
  type Guard,
  type GuardRequest,
  type Verdict,
  type WaitUntil,
} from '../guard.js'
import { TokenSource } from '../token-source.js'
import type { MessageGuardSettings } from './guard-settings.js'
import { admitAll } from './replay/replay-window.js'
import type { ReservationRules } from './replay/reservation.js'
import type { MessageNotice } from './signature-event.js'
import { answerHandled, bodyRefusals, refuse, refuseRunning } from './signature-reply.js'

/** How one kind of signature is verified: what {@link messageGuard} asks, in this order. */
export interface MessageVerifier<Grant, Fault extends string> {
  /**
   * Judges the head alone: whatever it can tell is refused before the body is read.
   *
   * @param find asks for keys: where `work` throws, rejects or is slow, the answer is 503 whatever happens afterwards.
   */
  begin(
    request: GuardRequest,
    nowMs: number,
    find: <Keys>(work: () => Awaitable<Keys>) => Promise<Keys>,
  ): Awaitable<PendingMessage<Grant, Fault> | Fault>
  /** Tells the observer that a message is genuine. */
  verified(grant: Grant): void
  /** What guards this request twice, or `undefined`: the second mount would find the reservation of the first. */
  mountedTwice(grant: Grant, prior: Grants): string | undefined
}

/** A verification under way: fed the body as it arrives, then asked. */
export interface PendingMessage<Grant, Fault extends string> {
  /** Whether the answer depends on the body. */
  readonly readsBody: boolean
  feed(chunk: Uint8Array): void
  /** @param body all of it; where another guard has read it before, it may not have been fed. */
  finish(body: Uint8Array): GenuineMessage<Grant> | Fault
}

/** A message whose signature is right. */
export interface GenuineMessage<Grant> {
  readonly grant: Grant
  /** What it is known by in the replay window, each 43 base64url characters; all of them are reserved. */
  replayIds(): readonly string[]
}

/** The answer to a lookup of keys that failed: thrown through a verifier, and caught here. */
class KeysUnavailable extends Error {}

/**
 * The guard around any kind of signature: reads the body within its bounds, refuses with one constant answer, and keeps the
 * replay window. `signature` is one of these; build another with a verifier of your own.
 *
 * @throws ConfigurationError by rejection where something read the body before the guard, or it guards a request twice.
 */
export function messageGuard<Grant extends object, Fault extends string>(
  settings: MessageGuardSettings,
  verifier: MessageVerifier<Grant, Fault>,
  tell: (notice: MessageNotice<Fault>) => void,
): Guard<Grant> {
  const { problemBaseUrl, onReplay } = settings
  const rules = settings.store && reservationRules(settings, settings.store, tell)

  return async (request, prior) => {
    const message = await verified(request, settings, verifier, tell)
    if ('kind' in message) return message
    const { grant } = message
    verifier.verified(grant)
    if (rules === undefined) return { kind: 'pass', grant }
    const twice = verifier.mountedTwice(grant, prior)
    if (twice !== undefined) {
      throw new ConfigurationError('mounted-twice', `${twice} guards this request twice; remove one of the two mounts`)
    }
    return once(message, rules, request.waitUntil)
  }

  async function once(
    { grant, replayIds }: GenuineMessage<Grant>,
    rules: ReservationRules,
    waitUntil: WaitUntil | undefined,
  ): Promise<Verdict<Grant>> {
    const admission = await admitAll(replayIds(), rules, waitUntil)
    switch (admission.outcome) {
      case 'reserved':
        return { kind: 'pass', grant, settled: admission.settled }
      case 'unavailable':
        return refuse('signature-unavailable', problemBaseUrl)
      case 'running':
        tell({ type: 'signature.replayed', state: 'running' })
        return refuseRunning(admission.leaseRemainingMs, problemBaseUrl)
      case 'committed':
        tell({ type: 'signature.replayed', state: 'committed' })
        return answerHandled(onReplay, problemBaseUrl)
    }
  }
}

/** The genuine message of a request, or the refusal. */
async function verified<Grant, Fault extends string>(
  request: GuardRequest,
  settings: MessageGuardSettings,
  verifier: MessageVerifier<Grant, Fault>,
  tell: (notice: MessageNotice<Fault>) => void,
) {
  const { problemBaseUrl, secretsTimeoutSeconds } = settings
  const refuseInvalid = (reason: Fault) => {
    tell({ type: 'signature.refused', code: 'signature-invalid', reason })
    return refuse('signature-invalid', problemBaseUrl)
  }
  const find = async <Keys>(work: () => Awaitable<Keys>): Promise<Keys> => {
    try {
      return await within(secretsTimeoutSeconds, work)
    } catch (error) {
      tell({ type: 'signature.secrets_failed', error })
      throw new KeysUnavailable()
    }
  }

  let pending: PendingMessage<Grant, Fault> | Fault
  let body = noBytes
  try {
    pending = await verifier.begin(request, settings.now(), find)
    if (typeof pending === 'string') return refuseInvalid(pending)
    if (pending.readsBody) body = await readBody(request, settings, pending.feed)
  } catch (error) {
    if (error instanceof KeysUnavailable) return refuse('signature-unavailable', problemBaseUrl)
    if (!(error instanceof BodyError)) throw error
    const code = bodyRefusals[error.fault]
    tell({ type: 'signature.refused', code, reason: error.fault })
    return refuse(code, problemBaseUrl)
  }
  const message = pending.finish(body)
  return typeof message === 'string' ? refuseInvalid(message) : message
}

function readBody(
  request: GuardRequest,
  { maxBodyBytes, bodyTimeoutSeconds, maxBufferedBytes }: MessageGuardSettings,
  onChunk: (chunk: Uint8Array) => void,
): Promise<Uint8Array> {
  return request.body({ maxBytes: maxBodyBytes, timeoutSeconds: bodyTimeoutSeconds, maxBufferedBytes, onChunk })
}

function reservationRules(
  settings: MessageGuardSettings,
  store: ReservationRules['store'],
  tell: ReservationRules['tell'],
): ReservationRules {
  const { replayTtlSeconds, replayLeaseSeconds, replayMaxLeaseSeconds, storeTimeoutSeconds, settleTimeoutSeconds } =
    settings
  return {
    store,
    tokens: new TokenSource(),
    tell,
    storeTimeoutSeconds,
    settleTimeoutSeconds,
    ttlSeconds: replayTtlSeconds,
    leaseSeconds: replayLeaseSeconds,
    maxLeaseSeconds: replayMaxLeaseSeconds,
  }
}
