import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Meta (Facebook, Instagram, WhatsApp): HMAC-SHA-256 over the body in `x-hub-signature-256`, keyed with the app secret
 * (https://developers.facebook.com/docs/graph-api/webhooks/getting-started).
 *
 * Meta signs the body as it sends it, with characters beyond ASCII written as `\uXXXX`: the exact bytes, as everywhere.
 * Nothing but the body is signed: the replay window keys on the MAC, so that two deliveries with the same body are one
 * message. The `GET` by which Meta asks for a challenge is answered by `metaHandshake`.
 *
 * @example
 * ```ts
 * import { meta, signature, type Store } from '@latchkey/core'
 *
 * const fromMeta = (secret: string, store: Store) => signature({ scheme: meta({ secrets: [secret] }), store })
 * ```
 */
export const meta = /* @__PURE__ */ defineScheme({
  name: 'meta',
  carriers: [
    {
      signature: 'x-hub-signature-256',
      syntax: { form: 'prefixed', prefix: 'sha256=' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
