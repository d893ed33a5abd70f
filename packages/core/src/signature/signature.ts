import type { Guard } from '../guard.js'
import { observedGuard, tell as tellObserver } from '../observe.js'
import { messageGuard } from './message-guard.js'
import type { SignatureNotice } from './signature-event.js'
import type { SignatureOptions } from './signature-options.js'
import { signatureSettings } from './signature-settings.js'
import type { VerifiedMessage } from './verification/verified-message.js'
import { beginRequest } from './verification/verify-request.js'

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
  const { name } = settings.scheme.scheme
  const tell = (notice: SignatureNotice) => tellObserver(settings.observe, { scheme: name, ...notice })
  const genuine = (message: VerifiedMessage) => {
    const { id, isIdSigned, signedAtMs, secretIndex } = message
    const grant: SignatureGrant = { scheme: name, id, isIdSigned, signedAtMs, secretIndex }
    return { grant, replayIds: () => [message.replayId()] }
  }
  const guard = messageGuard(
    settings,
    {
      begin: async (request, nowMs, find) => {
        const evaluation = await beginRequest(request, settings, nowMs, find)
        if (typeof evaluation === 'string') return evaluation
        const finish = (body: Uint8Array) => {
          const message = evaluation.finish(body)
          return typeof message === 'string' ? message : genuine(message)
        }
        return { ...evaluation, finish }
      },
      verified: ({ id, secretIndex }) => tell({ type: 'signature.verified', id, secretIndex }),
      mountedTwice: (_, prior) => {
        const granted = prior.get('signature') as Partial<SignatureGrant> | undefined
        return granted?.scheme === name ? `signature: ${name}` : undefined
      },
    },
    tell,
  )
  return observedGuard(settings.observe, 'signature.verify', guard)
}
