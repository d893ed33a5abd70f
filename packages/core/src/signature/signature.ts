import { ConfigurationError } from '../errors.js'
import type { Grants, Guard, Verdict } from '../guard.js'
import { tell as tellObserver } from '../observe.js'
import { TokenSource } from '../token-source.js'
import { admit } from './replay-window.js'
import type { ReservationRules } from './reservation.js'
import type { SignatureNotice } from './signature-event.js'
import type { SignatureOptions } from './signature-options.js'
import { answerHandled, refuse, refuseRunning } from './signature-reply.js'
import { type SignatureSettings, signatureSettings } from './signature-settings.js'
import type { VerifiedMessage } from './verified-message.js'
import { verifyRequest } from './verify-request.js'

/** What the handler learns about the message that it may trust. */
export interface SignatureGrant {
  /** The scheme's name. */
  readonly scheme: string
  /** The delivery id; `undefined` where there is none. */
  readonly id: string | undefined
  /** Whether the sender vouches for the id: what is not signed can be changed by whoever replays the message. */
  readonly isIdSigned: boolean
  /** Epoch milliseconds; `undefined` where the scheme signs no time. */
  readonly signedAtMs: number | undefined
  /** Which of the secrets matched, counted from 0: once the new one always does, the old one can go. */
  readonly secretIndex: number
}

/**
 * The guard that lets a request through only if the claimed sender signed exactly its bytes, just now, and once.
 *
 * Field presence, syntax and time are judged before the body is read; the body is hashed as it arrives. A verified message
 * is reserved in the replay window, counts as handled when the handler answers 2xx, and is given up otherwise, so that the
 * sender's retry after a failure is handled and after a success is not. A forged message never reaches the window.
 *
 * @example
 * ```ts
 * import { github, memoryStore, signature } from '@latchkey/core'
 *
 * const fromGithub = (secret: string) => signature({ scheme: github({ secrets: [secret] }), store: memoryStore() })
 * ```
 *
 * @throws ConfigurationError where an option is impossible; by rejection where something read the body before the guard, or
 * where the same scheme guards a request twice.
 */
export function signature(options: SignatureOptions): Guard<SignatureGrant> {
  const settings = signatureSettings(options)
  const { scheme } = settings.scheme
  const tell = (notice: SignatureNotice) => tellObserver(settings.observe, { scheme: scheme.name, ...notice })
  const rules = settings.store && reservationRules(settings, settings.store, tell)

  return async (request, prior) => {
    const message = await verifyRequest(request, settings, tell)
    if ('kind' in message) return message
    const { id, isIdSigned, signedAtMs, secretIndex } = message
    const grant: SignatureGrant = { scheme: scheme.name, id, isIdSigned, signedAtMs, secretIndex }
    tell({ type: 'signature.verified', id, secretIndex })
    if (rules === undefined) return { kind: 'pass', grant }
    refuseSecondMount(prior, scheme.name)
    return once(message, grant, rules, settings)
  }
}

function reservationRules(
  settings: SignatureSettings,
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

/** The second mount would find the reservation of the first, and refuse every message as being handled. */
function refuseSecondMount(prior: Grants, scheme: string): void {
  const granted = prior.get('signature') as Partial<SignatureGrant> | undefined
  if (granted?.scheme !== scheme) return
  throw new ConfigurationError(
    'mounted-twice',
    `signature: ${scheme} guards this request twice; remove one of the two mounts`,
  )
}

async function once(
  message: VerifiedMessage,
  grant: SignatureGrant,
  rules: ReservationRules,
  { problemBaseUrl, onReplay }: SignatureSettings,
): Promise<Verdict<SignatureGrant>> {
  const admission = await admit(message.replayId(), rules)
  switch (admission.outcome) {
    case 'reserved':
      return { kind: 'pass', grant, settled: admission.settled }
    case 'unavailable':
      return refuse('signature-unavailable', problemBaseUrl)
    case 'running':
      rules.tell({ type: 'signature.replayed', state: 'running' })
      return refuseRunning(admission.leaseRemainingMs, problemBaseUrl)
    case 'committed':
      rules.tell({ type: 'signature.replayed', state: 'committed' })
      return answerHandled(onReplay, problemBaseUrl)
  }
}
