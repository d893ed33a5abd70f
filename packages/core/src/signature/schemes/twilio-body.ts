import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Twilio, for webhooks with a JSON body: HMAC-SHA-1 over the URL in `x-twilio-signature`, and the body's SHA-256 in the
 * URL's parameter `bodySHA256` (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
 *
 * The URL is the one that Twilio calls, with its query: a function as `publicUrl` of the guard puts the query of the
 * request behind the address that Twilio was given. The replay window keys on the MAC: two equal bodies are one
 * message.
 *
 * @example
 * ```ts
 * import { signature, type Store, twilioBody } from '@latchkey/core'
 *
 * const fromTwilioBody = (secret: string, url: string, store: Store) =>
 *   signature({ scheme: twilioBody({ secrets: [secret] }), publicUrl: url, store })
 * ```
 */
export const twilioBody = /* @__PURE__ */ defineScheme({
  name: 'twilio-body',
  carriers: [
    {
      signature: 'x-twilio-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha1', encoding: 'base64' }],
      bodyDigestParameter: 'bodySHA256',
    },
  ],
  content: ['url'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
