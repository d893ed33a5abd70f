import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Asana: HMAC-SHA-256 over the body in `x-hook-signature` (https://developers.asana.com/docs/webhooks-guide#security).
 *
 * Nothing but the body is signed: the replay window keys on the MAC, so that two deliveries with the same body are one
 * message. The secret comes with the handshake: `asanaHandshake` takes it.
 *
 * @example
 * ```ts
 * import { asana, signature, type Store } from '@latchkey/core'
 *
 * const fromAsana = (secret: string, store: Store) => signature({ scheme: asana({ secrets: [secret] }), store })
 * ```
 */
export const asana = /* @__PURE__ */ defineScheme({
  name: 'asana',
  carriers: [
    {
      signature: 'x-hook-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
