import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Typeform: HMAC-SHA-256 over the body in `typeform-signature: sha256=…`, in base64 behind the prefix
 * (https://www.typeform.com/developers/webhooks/secure-your-webhooks/).
 *
 * The replay window keys on `event_id` in the signed body.
 *
 * @example
 * ```ts
 * import { signature, type Store, typeform } from '@latchkey/core'
 *
 * const fromTypeform = (secret: string, store: Store) => signature({ scheme: typeform({ secrets: [secret] }), store })
 * ```
 */
export const typeform = /* @__PURE__ */ defineScheme({
  name: 'typeform',
  carriers: [
    {
      signature: 'typeform-signature',
      syntax: { form: 'prefixed', prefix: 'sha256=' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
      id: { body: ['event_id'] },
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
