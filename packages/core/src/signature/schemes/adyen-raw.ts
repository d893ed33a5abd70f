import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Adyen's platform webhooks: HMAC-SHA-256 over the body in `hmacsignature`, the key in hexadecimal
 * (https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures).
 *
 * Nothing but the body is signed: the replay window keys on the MAC, so that two deliveries with the same body are one
 * message. Adyen's payment webhooks sign inside the body: `adyenItem`.
 *
 * @example
 * ```ts
 * import { adyenRaw, signature, type Store } from '@latchkey/core'
 *
 * const fromAdyenRaw = (secret: string, store: Store) => signature({ scheme: adyenRaw({ secrets: [secret] }), store })
 * ```
 */
export const adyenRaw = /* @__PURE__ */ defineScheme({
  name: 'adyen-raw',
  carriers: [
    {
      signature: 'hmacsignature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'hex', kind: 'hmac' }],
})
