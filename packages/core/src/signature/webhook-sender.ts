import { fillRandom } from '../crypto.js'
import { isFunction, OptionReader } from '../option-reader.js'
import { encodeSignature } from './scheme-model/encoding.js'
import { standardWebhooks } from './schemes/standard-webhooks.js'
import { sign } from './sign.js'

/** How one receiver's messages are signed. */
export interface WebhookSenderOptions {
  /**
   * The receiver's secrets: `whsec_…` for `v1`, `whsk_…` (the private half of a key pair) for `v1a`. Every one of them signs each
   * message: to rotate, list the new one beside the old one until the receiver has changed over. At most 16: receivers refuse more.
   */
  readonly secrets: readonly string[]
  /** The clock, in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number
}

/** One message, over all attempts to deliver it. */
export interface OutgoingWebhook {
  /** The same in every attempt: by it the receiver knows a retry. Keep it with the message. */
  readonly id: string
  /**
   * The header fields of one attempt, names in lower case: the time is that of the call, so that a late retry is not refused as
   * stale.
   */
  headers(): Record<string, string>
}

/** Signs the messages to one receiver. */
export interface WebhookSender {
  /**
   * @param body the exact bytes that are sent; a string counts as its UTF-8 bytes.
   * @param id that of the message where it has one already, as after a restart. @defaultValue a random one (`msg_…`, 128 bits)
   * @throws ConfigurationError where the id is not 1 to 256 printable ASCII characters without dot and comma.
   */
  message(body: Uint8Array | string, id?: string): OutgoingWebhook
}

/**
 * A sender of webhooks by Standard Webhooks
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 *
 * @example
 * ```ts
 * import { webhookSender } from '@latchkey/core'
 *
 * const sender = webhookSender({ secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] })
 *
 * export async function deliver(url: string, event: object, attempts: number): Promise<boolean> {
 *   const body = JSON.stringify(event)
 *   const message = sender.message(body)
 *   for (let attempt = 0; attempt < attempts; attempt++) {
 *     const headers = { 'content-type': 'application/json', ...message.headers() }
 *     const response = await fetch(url, { method: 'POST', body, headers }).catch(() => undefined)
 *     if (response?.ok) return true
 *   }
 *   return false
 * }
 * ```
 *
 * @throws ConfigurationError where there is no secret, or one that cannot sign.
 */
export function webhookSender(options: WebhookSenderOptions): WebhookSender {
  const read = new OptionReader('webhookSender', options, ['secrets', 'now'])
  const secrets = [...read.required('secrets', 'a list of 1 to 16 secrets that can sign', isSecrets)]
  const now = read.optional('now', 'a function', isFunction<() => number>) ?? Date.now
  const signed = (body: Uint8Array | string, id: string | undefined) =>
    sign(standardWebhooks, { body, timestampMs: now(), ...(id !== undefined && { id }) }, secrets)
  // What cannot sign stops the start, not the first message.
  signed('', undefined)
  return {
    message: (body, given) => {
      const id = signed('', given)['webhook-id']!
      return { id, headers: () => signed(body, id) }
    },
  }
}

/** A new secret for a receiver: `whsec_` and base64 of 32 bytes from the system's CSPRNG. Both sides keep it as it is. */
export function webhookSecret(): string {
  const bytes = new Uint8Array(32)
  fillRandom(bytes)
  return `whsec_${encodeSignature(bytes, 'base64')}`
}

function isSecrets(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length >= 1 && value.length <= 16
}
