import { utf8 } from '../bytes.js'
import { type MessageHeaders, messageHeaders } from './message-headers.js'
import type { BoundScheme } from './scheme-model/bound-scheme.js'
import { readCredential } from './verification/credential.js'
import { credentialFields } from './verification/envelope.js'
import { evaluate } from './verification/evaluation.js'
import type { SignatureFault } from './verification/fault.js'
import { partsByUrl } from './verification/signed-content.js'

/** A message as it was received. */
export interface ReceivedMessage {
  readonly headers: MessageHeaders
  /**
   * The exact bytes; a string counts as its UTF-8 bytes.
   *
   * @remarks Insecure if it is a string that was decoded from the wire: other bytes may decode to the same string.
   */
  readonly body: Uint8Array | string
  /** @defaultValue `'POST'` */
  readonly method?: string
  /** As the sender addressed it, or several spellings of which any may be signed; for schemes that sign it. @defaultValue `''` */
  readonly url?: string | readonly string[]
}

/** How a message is verified. */
export interface VerifyOptions {
  /** The time to judge by, in epoch milliseconds. @defaultValue the clock's */
  readonly nowMs?: number
  /** Seconds that a signed time may be off, both ways, borders included. @defaultValue the scheme's own */
  readonly toleranceSeconds?: number
}

/** What {@link verify} found. */
export type Verification =
  | {
      readonly isValid: true
      /** The delivery id; `undefined` where there is none. */
      readonly id: string | undefined
      /** Whether the sender vouches for the id: what is not signed can be changed by whoever replays the message. */
      readonly isIdSigned: boolean
      /** Epoch milliseconds; `undefined` where the scheme signs no time. */
      readonly signedAtMs: number | undefined
      /** Which of the secrets matched, counted from 0. */
      readonly secretIndex: number
    }
  | {
      readonly isValid: false
      /** For logs and tests; a client is told nothing. */
      readonly reason: SignatureFault
    }

/**
 * Verifies a message that is in memory as a whole: all that the guard `signature` does but the replay window. Never rejects
 * over what the message says.
 *
 * @example
 * ```ts
 * import { stripe, verify } from '@latchkey/core'
 *
 * const isGenuine = async (secret: string, body: Uint8Array, header: string) => {
 *   const { isValid } = await verify(stripe({ secrets: [secret] }), { headers: { 'stripe-signature': header }, body })
 *   return isValid
 * }
 * ```
 *
 * @throws by rejection what a secret resolver throws.
 */
export async function verify(
  bound: BoundScheme,
  message: ReceivedMessage,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { scheme, allowLegacy } = bound
  const { nowMs = Date.now(), toleranceSeconds } = options
  const { method = 'POST', url = '' } = message
  const headers = messageHeaders(message.headers)
  const body = typeof message.body === 'string' ? utf8(message.body) : message.body
  const fields = credentialFields(scheme, headers, body)
  const credential = readCredential(fields, { scheme, allowLegacy, nowMs, toleranceSeconds })
  if (typeof credential === 'string') return { isValid: false, reason: credential }
  const keys = await bound.keysFor({ method, url: [url].flat()[0] ?? '', headers })
  if (keys === undefined) return { isValid: false, reason: 'unknown-key' }
  const parts = partsByUrl({ method, fields }, credential, url)
  const evaluation = evaluate({ scheme, credential, keys, parts, nowMs, toleranceSeconds })
  if (typeof evaluation === 'string') return { isValid: false, reason: evaluation }
  const found = evaluation.finish(body)
  if (typeof found === 'string') return { isValid: false, reason: found }
  const { id, isIdSigned, signedAtMs, secretIndex } = found
  return { isValid: true, id, isIdSigned, signedAtMs, secretIndex }
}
