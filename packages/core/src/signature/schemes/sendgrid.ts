import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * SendGrid's event webhook: ECDSA on P-256 with SHA-256 over `<timestamp><body>` in
 * `x-twilio-email-event-webhook-signature`
 * (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features).
 *
 * `secrets` holds the verification key, as SendGrid shows it (base64) or in PEM. The replay window keys on the signed
 * content, never on the signature: of an ECDSA signature anybody can make a second one.
 *
 * @example
 * ```ts
 * import { sendgrid, signature, type Store } from '@latchkey/core'
 *
 * const fromSendgrid = (publicKey: string, store: Store) =>
 *   signature({ scheme: sendgrid({ secrets: [publicKey] }), store })
 * ```
 */
export const sendgrid = /* @__PURE__ */ defineScheme({
  name: 'sendgrid',
  carriers: [
    {
      signature: 'x-twilio-email-event-webhook-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'ecdsa-p256-der', encoding: 'base64' }],
      timestamp: { header: 'x-twilio-email-event-webhook-timestamp' },
    },
  ],
  content: ['timestamp', 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [
    { encoding: 'pem', kind: 'p256-public' },
    { encoding: 'pem', kind: 'p256-private' },
    { encoding: 'base64', kind: 'p256-public' },
  ],
})
