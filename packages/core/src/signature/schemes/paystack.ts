import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Paystack: HMAC-SHA-512 over the body in `x-paystack-signature`, keyed with the account's secret key
 * (https://paystack.com/docs/payments/webhooks/).
 *
 * Nothing but the body is signed: the replay window keys on the MAC, so that two deliveries with the same body are one
 * message.
 *
 * @example
 * ```ts
 * import { paystack, signature, type Store } from '@latchkey/core'
 *
 * const fromPaystack = (secret: string, store: Store) => signature({ scheme: paystack({ secrets: [secret] }), store })
 * ```
 */
export const paystack = /* @__PURE__ */ defineScheme({
  name: 'paystack',
  carriers: [
    {
      signature: 'x-paystack-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha512', encoding: 'hex' }],
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
