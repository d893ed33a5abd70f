import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Square: HMAC-SHA-256 over `<notification URL><body>` in `x-square-hmacsha256-signature`
 * (https://developer.squareup.com/docs/webhooks/step3validate).
 *
 * The URL is the one that Square was given: `publicUrl` of the guard. The replay window keys on `event_id` in the
 * signed body.
 *
 * @example
 * ```ts
 * import { signature, square, type Store } from '@latchkey/core'
 *
 * const fromSquare = (secret: string, url: string, store: Store) =>
 *   signature({ scheme: square({ secrets: [secret] }), publicUrl: url, store })
 * ```
 */
export const square = /* @__PURE__ */ defineScheme({
  name: 'square',
  carriers: [
    {
      signature: 'x-square-hmacsha256-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
      id: { body: ['event_id'] },
    },
  ],
  content: ['url', 'body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
