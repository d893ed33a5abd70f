import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Box: HMAC-SHA-256 over `<body><timestamp>` in `box-signature-primary` and `box-signature-secondary`, the time by RFC
 * 3339 (https://developer.box.com/guides/webhooks/v2/signatures-v2/).
 *
 * Two keys sign, each in its field, so that one can be rolled: give both as `secrets`. Version and algorithm must be
 * those that are meant here. The tolerance is 600 seconds, as Box says. `box-delivery-id` is not signed: the replay
 * window keys on the MAC, which covers the time.
 *
 * @example
 * ```ts
 * import { box, signature, type Store } from '@latchkey/core'
 *
 * const fromBox = (secret: string, store: Store) => signature({ scheme: box({ secrets: [secret] }), store })
 * ```
 */
export const box = /* @__PURE__ */ defineScheme({
  name: 'box',
  carriers: [
    {
      signature: ['box-signature-primary', 'box-signature-secondary'],
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
      timestamp: { header: 'box-delivery-timestamp' },
      id: { header: 'box-delivery-id' },
      fixed: { 'box-signature-version': '1', 'box-signature-algorithm': 'HmacSHA256' },
    },
  ],
  content: ['body', 'timestamp'],
  timestamp: { unit: 'rfc3339', toleranceSeconds: 600 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
