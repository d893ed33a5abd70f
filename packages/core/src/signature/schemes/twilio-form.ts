import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Twilio, for webhooks that are form-encoded or have no body: HMAC-SHA-1 over the URL and the sorted parameters in
 * `x-twilio-signature`, keyed with the auth token (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
 *
 * The URL is the one that Twilio was given, with its query: `publicUrl` of the guard. Twilio writes some with their
 * port and some without; give a list of both where you cannot tell which. The replay window keys on the MAC: two
 * requests with the same parameters are one message.
 *
 * @remarks Insecure if the handler acts on names of parameters that it does not know: Twilio writes name and value without
 * anything between them, so that `a=bc` and `ab=c` have one signature. No time is signed.
 *
 * @example
 * ```ts
 * import { signature, type Store, twilioForm } from '@latchkey/core'
 *
 * const fromTwilioForm = (secret: string, url: string, store: Store) =>
 *   signature({ scheme: twilioForm({ secrets: [secret] }), publicUrl: url, store })
 * ```
 */
export const twilioForm = /* @__PURE__ */ defineScheme({
  name: 'twilio-form',
  carriers: [
    {
      signature: 'x-twilio-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha1', encoding: 'base64' }],
    },
  ],
  content: ['url', 'sorted-form'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
