import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Sanity: HMAC-SHA-256 over `<t>.<body>` in `sanity-webhook-signature: t=…,v1=…`, the time in milliseconds, the MAC in
 * unpadded base64url (https://www.sanity.io/docs/content-lake/webhook-best-practices).
 *
 * `idempotency-key` is not signed: the replay window keys on the MAC, which covers the time.
 *
 * @example
 * ```ts
 * import { sanity, signature, type Store } from '@latchkey/core'
 *
 * const fromSanity = (secret: string, store: Store) => signature({ scheme: sanity({ secrets: [secret] }), store })
 * ```
 */
export const sanity = /* @__PURE__ */ defineScheme({
  name: 'sanity',
  carriers: [
    {
      signature: 'sanity-webhook-signature',
      syntax: { form: 'pairs', separator: ',' },
      variants: [{ label: 'v1', algorithm: 'hmac-sha256', encoding: 'base64url' }],
      timestamp: { element: 't' },
      id: { header: 'idempotency-key' },
    },
  ],
  content: ['timestamp', { literal: '.' }, 'body'],
  timestamp: { unit: 'ms', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
