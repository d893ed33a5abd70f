import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Mailgun: HMAC-SHA-256 over `<timestamp><token>`, all three in the member `signature` of the JSON body, keyed with the
 * webhook signing key (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).
 *
 * The replay window keys on the signed token, which is another for every message.
 *
 * @remarks Insecure if the handler believes `event-data` for more than a hint: nobody signs it. Whoever has seen one message, and
 * keeps it from arriving, can send other data under its signature.
 *
 * @example
 * ```ts
 * import { mailgun, signature, type Store } from '@latchkey/core'
 *
 * const fromMailgun = (secret: string, store: Store) => signature({ scheme: mailgun({ secrets: [secret] }), store })
 * ```
 */
export const mailgun = /* @__PURE__ */ defineScheme({
  name: 'mailgun',
  envelope: {
    signature: ['signature', 'signature'],
    timestamp: ['signature', 'timestamp'],
    token: ['signature', 'token'],
  },
  carriers: [
    {
      signature: 'signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      timestamp: { header: 'timestamp' },
      id: { header: 'token' },
    },
  ],
  content: ['timestamp', 'id'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
