import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Stripe: HMAC-SHA-256 over `<t>.<body>` in `stripe-signature: t=…,v1=…` (https://docs.stripe.com/webhooks/signature).
 *
 * Several `v1` stand side by side while a secret is rolled; `v0` belongs to test clocks and never counts. The secret's text
 * is the key: `whsec_` is part of it and nothing is decoded. The replay window keys on the event's `id` in the signed body,
 * which stays the same over Stripe's retries; a body without one is known by its MAC.
 *
 * @example
 * ```ts
 * import { signature, type Store, stripe } from '@latchkey/core'
 *
 * const fromStripe = (secret: string, store: Store) => signature({ scheme: stripe({ secrets: [secret] }), store })
 * ```
 */
export const stripe = /* @__PURE__ */ defineScheme({
  name: 'stripe',
  carriers: [
    {
      signature: 'stripe-signature',
      syntax: { form: 'pairs', separator: ',' },
      variants: [{ label: 'v1', algorithm: 'hmac-sha256', encoding: 'hex' }],
      timestamp: { element: 't' },
      id: { body: ['id'] },
    },
  ],
  content: ['timestamp', { literal: '.' }, 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
