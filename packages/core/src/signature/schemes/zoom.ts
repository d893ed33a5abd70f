import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Zoom: HMAC-SHA-256 over `v0:<timestamp>:<body>` in `x-zm-signature`, keyed with the secret token
 * (https://developers.zoom.us/docs/api/webhooks/#verify-with-zooms-header).
 *
 * The replay window keys on the MAC, which covers the time. The event `endpoint.url_validation` is answered by
 * `zoomHandshake`.
 *
 * @example
 * ```ts
 * import { signature, type Store, zoom } from '@latchkey/core'
 *
 * const fromZoom = (secret: string, store: Store) => signature({ scheme: zoom({ secrets: [secret] }), store })
 * ```
 */
export const zoom = /* @__PURE__ */ defineScheme({
  name: 'zoom',
  carriers: [
    {
      signature: 'x-zm-signature',
      syntax: { form: 'prefixed', prefix: 'v0=' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      timestamp: { header: 'x-zm-request-timestamp' },
    },
  ],
  content: [{ literal: 'v0:' }, 'timestamp', { literal: ':' }, 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
