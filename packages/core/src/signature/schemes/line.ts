import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * LINE: HMAC-SHA-256 over the body in `x-line-signature`, keyed with the channel secret
 * (https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/).
 *
 * Nothing but the body is signed: the replay window keys on the MAC, so that two deliveries with the same body are one
 * message.
 *
 * @example
 * ```ts
 * import { line, signature, type Store } from '@latchkey/core'
 *
 * const fromLine = (secret: string, store: Store) => signature({ scheme: line({ secrets: [secret] }), store })
 * ```
 */
export const line = /* @__PURE__ */ defineScheme({
  name: 'line',
  carriers: [
    {
      signature: 'x-line-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
