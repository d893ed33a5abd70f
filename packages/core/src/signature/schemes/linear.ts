import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Linear: HMAC-SHA-256 over the body in `linear-signature` (https://linear.app/developers/webhooks#securing-webhooks).
 *
 * The time is `webhookTimestamp` in the signed body, in milliseconds, judged after the signature; the field
 * `linear-timestamp` is not signed and counts for nothing. The replay window keys on the MAC, which covers the time.
 *
 * @example
 * ```ts
 * import { linear, signature, type Store } from '@latchkey/core'
 *
 * const fromLinear = (secret: string, store: Store) => signature({ scheme: linear({ secrets: [secret] }), store })
 * ```
 */
export const linear = /* @__PURE__ */ defineScheme({
  name: 'linear',
  carriers: [
    {
      signature: 'linear-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      timestamp: { body: ['webhookTimestamp'] },
      id: { header: 'linear-delivery' },
    },
  ],
  content: ['body'],
  timestamp: { unit: 'ms', toleranceSeconds: 60 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
