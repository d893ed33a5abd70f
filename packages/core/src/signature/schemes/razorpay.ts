import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Razorpay: HMAC-SHA-256 over the body in `x-razorpay-signature` (https://razorpay.com/docs/webhooks/validate-test/).
 *
 * `x-razorpay-event-id` is not signed. Nothing but the body is signed: the replay window keys on the MAC, so that two
 * deliveries with the same body are one message.
 *
 * @example
 * ```ts
 * import { razorpay, signature, type Store } from '@latchkey/core'
 *
 * const fromRazorpay = (secret: string, store: Store) => signature({ scheme: razorpay({ secrets: [secret] }), store })
 * ```
 */
export const razorpay = /* @__PURE__ */ defineScheme({
  name: 'razorpay',
  carriers: [
    {
      signature: 'x-razorpay-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      id: { header: 'x-razorpay-event-id' },
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
