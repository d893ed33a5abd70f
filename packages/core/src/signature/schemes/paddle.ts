import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Paddle Billing: HMAC-SHA-256 over `<ts>:<body>` in `paddle-signature: ts=…;h1=…`
 * (https://developer.paddle.com/webhooks/about/signature-verification).
 *
 * Several `h1` stand side by side while a secret is rolled. The tolerance is 300 seconds; Paddle's own library takes 5,
 * which a retry or a slow clock misses: give `toleranceSeconds: 5` for that. The replay window keys on
 * `notification_id` in the signed body.
 *
 * @example
 * ```ts
 * import { paddle, signature, type Store } from '@latchkey/core'
 *
 * const fromPaddle = (secret: string, store: Store) => signature({ scheme: paddle({ secrets: [secret] }), store })
 * ```
 */
export const paddle = /* @__PURE__ */ defineScheme({
  name: 'paddle',
  carriers: [
    {
      signature: 'paddle-signature',
      syntax: { form: 'pairs', separator: ';' },
      variants: [{ label: 'h1', algorithm: 'hmac-sha256', encoding: 'hex' }],
      timestamp: { element: 'ts' },
      id: { body: ['notification_id'] },
    },
  ],
  content: ['timestamp', { literal: ':' }, 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
