import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Shopify: HMAC-SHA-256 over the body in `x-shopify-hmac-sha256`, keyed with the app's client secret
 * (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
 *
 * Topic, shop and `x-shopify-webhook-id` are header fields that nobody signs. Nothing but the body is signed: the
 * replay window keys on the MAC, so that two deliveries with the same body are one message.
 *
 * @example
 * ```ts
 * import { shopify, signature, type Store } from '@latchkey/core'
 *
 * const fromShopify = (secret: string, store: Store) => signature({ scheme: shopify({ secrets: [secret] }), store })
 * ```
 */
export const shopify = /* @__PURE__ */ defineScheme({
  name: 'shopify',
  carriers: [
    {
      signature: 'x-shopify-hmac-sha256',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
      id: { header: 'x-shopify-webhook-id' },
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
