import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Zendesk: HMAC-SHA-256 over `<timestamp><body>` in `x-zendesk-webhook-signature`, the time by RFC 3339
 * (https://developer.zendesk.com/documentation/webhooks/verifying/).
 *
 * The secret looks like base64 and is used as text. The replay window keys on the MAC, which covers the time.
 *
 * @example
 * ```ts
 * import { signature, type Store, zendesk } from '@latchkey/core'
 *
 * const fromZendesk = (secret: string, store: Store) => signature({ scheme: zendesk({ secrets: [secret] }), store })
 * ```
 */
export const zendesk = /* @__PURE__ */ defineScheme({
  name: 'zendesk',
  carriers: [
    {
      signature: 'x-zendesk-webhook-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
      timestamp: { header: 'x-zendesk-webhook-signature-timestamp' },
      id: { header: 'x-zendesk-webhook-invocation-id' },
    },
  ],
  content: ['timestamp', 'body'],
  timestamp: { unit: 'rfc3339', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
