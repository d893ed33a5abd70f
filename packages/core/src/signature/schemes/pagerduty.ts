import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * PagerDuty: HMAC-SHA-256 over the body in `x-pagerduty-signature: v1=…[,v1=…]`
 * (https://docs.pagerduty.com/developer/verifying-webhook-signatures).
 *
 * Several `v1` stand side by side while a secret is rolled; other versions are ignored. The replay window keys on the
 * event's id in the signed body.
 *
 * @example
 * ```ts
 * import { pagerduty, signature, type Store } from '@latchkey/core'
 *
 * const fromPagerduty = (secret: string, store: Store) =>
 *   signature({ scheme: pagerduty({ secrets: [secret] }), store })
 * ```
 */
export const pagerduty = /* @__PURE__ */ defineScheme({
  name: 'pagerduty',
  carriers: [
    {
      signature: 'x-pagerduty-signature',
      syntax: { form: 'pairs', separator: ',' },
      variants: [{ label: 'v1', algorithm: 'hmac-sha256', encoding: 'hex' }],
      id: { body: ['event', 'id'] },
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
