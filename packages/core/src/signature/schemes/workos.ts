import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * WorkOS: HMAC-SHA-256 over `<t>.<body>` in `workos-signature: t=…, v1=…`, the time in milliseconds
 * (https://workos.com/docs/events/data-syncing/webhooks).
 *
 * The tolerance is 180 seconds, as in WorkOS's own libraries. The replay window keys on the event's `id` in the signed
 * body.
 *
 * @example
 * ```ts
 * import { signature, type Store, workos } from '@latchkey/core'
 *
 * const fromWorkos = (secret: string, store: Store) => signature({ scheme: workos({ secrets: [secret] }), store })
 * ```
 */
export const workos = /* @__PURE__ */ defineScheme({
  name: 'workos',
  carriers: [
    {
      signature: 'workos-signature',
      syntax: { form: 'pairs', separator: ', ' },
      variants: [{ label: 'v1', algorithm: 'hmac-sha256', encoding: 'hex' }],
      timestamp: { element: 't' },
      id: { body: ['id'] },
    },
  ],
  content: ['timestamp', { literal: '.' }, 'body'],
  timestamp: { unit: 'ms', toleranceSeconds: 180 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
