import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Lemon Squeezy: HMAC-SHA-256 over the body in `x-signature`
 * (https://docs.lemonsqueezy.com/help/webhooks/signing-requests).
 *
 * Nothing but the body is signed: the replay window keys on the MAC, so that two deliveries with the same body are one
 * message.
 *
 * @example
 * ```ts
 * import { lemonsqueezy, signature, type Store } from '@latchkey/core'
 *
 * const fromLemonsqueezy = (secret: string, store: Store) =>
 *   signature({ scheme: lemonsqueezy({ secrets: [secret] }), store })
 * ```
 */
export const lemonsqueezy = /* @__PURE__ */ defineScheme({
  name: 'lemonsqueezy',
  carriers: [
    {
      signature: 'x-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
