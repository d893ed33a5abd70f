import { messageHeaders, type ReceivedMessage } from '@latchkey/core'
import type { RemoteSignatureFault } from './fault.js'
import type { RemoteGrant, RemoteVerifier } from './remote-guard.js'

/** What a `verify…` function found: what the guard would have granted, or why it would have refused. */
export type RemoteVerification<Grant extends RemoteGrant> =
  | ({ readonly isValid: true } & Grant)
  | {
      readonly isValid: false
      /** For logs and tests; a client is told nothing. */
      readonly reason: RemoteSignatureFault
    }

/**
 * Verifies a message that is in memory as a whole: all that the guard does but the replay window.
 *
 * @throws KeyHostError by rejection where the keys cannot be had.
 */
export type VerifyRemote<Grant extends RemoteGrant> = (
  message: Pick<ReceivedMessage, 'headers' | 'body'>,
) => Promise<RemoteVerification<Grant>>

/** The function around a verifier. */
export function remoteVerify<Grant extends RemoteGrant>(
  verifier: RemoteVerifier<Grant>,
  now: () => number,
): VerifyRemote<Grant> {
  return async ({ headers, body }) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const head = { headers: messageHeaders(headers), body: async () => bytes }
    const pending = await verifier.begin(head, now(), async (work) => work())
    if (typeof pending === 'string') return { isValid: false, reason: pending }
    pending.feed(bytes)
    const message = pending.finish(bytes)
    return typeof message === 'string' ? { isValid: false, reason: message } : { isValid: true, ...message.grant }
  }
}
