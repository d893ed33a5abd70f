import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Mux: HMAC-SHA-256 over `<t>.<body>` in `mux-signature: t=…,v1=…`
 * (https://www.mux.com/docs/core/verify-webhook-signatures).
 *
 * The replay window keys on the event's `id` in the signed body.
 *
 * @example
 * ```ts
 * import { mux, signature, type Store } from '@latchkey/core'
 *
 * const fromMux = (secret: string, store: Store) => signature({ scheme: mux({ secrets: [secret] }), store })
 * ```
 */
export const mux = /* @__PURE__ */ defineScheme({
  name: 'mux',
  carriers: [
    {
      signature: 'mux-signature',
      syntax: { form: 'pairs', separator: ',' },
      variants: [{ label: 'v1', algorithm: 'hmac-sha256', encoding: 'hex' }],
      timestamp: { element: 't' },
      id: { body: ['id'] },
    },
  ],
  content: ['timestamp', { literal: '.' }, 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
