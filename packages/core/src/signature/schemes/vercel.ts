import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Vercel: HMAC-SHA-1 over the body in `x-vercel-signature`
 * (https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks).
 *
 * SHA-1 is all that Vercel sends. The replay window keys on the delivery's `id` in the signed body.
 *
 * @example
 * ```ts
 * import { signature, type Store, vercel } from '@latchkey/core'
 *
 * const fromVercel = (secret: string, store: Store) => signature({ scheme: vercel({ secrets: [secret] }), store })
 * ```
 */
export const vercel = /* @__PURE__ */ defineScheme({
  name: 'vercel',
  carriers: [
    {
      signature: 'x-vercel-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha1', encoding: 'hex' }],
      id: { body: ['id'] },
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
