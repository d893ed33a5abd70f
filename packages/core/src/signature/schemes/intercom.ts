import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Intercom: HMAC-SHA-1 over the body in `x-hub-signature: sha1=…`, keyed with the app's client secret
 * (https://developers.intercom.com/docs/webhooks/setting-up-webhooks).
 *
 * SHA-1 is all that Intercom sends. The replay window keys on the notification's `id` in the signed body.
 *
 * @example
 * ```ts
 * import { intercom, signature, type Store } from '@latchkey/core'
 *
 * const fromIntercom = (secret: string, store: Store) => signature({ scheme: intercom({ secrets: [secret] }), store })
 * ```
 */
export const intercom = /* @__PURE__ */ defineScheme({
  name: 'intercom',
  carriers: [
    {
      signature: 'x-hub-signature',
      syntax: { form: 'prefixed', prefix: 'sha1=' },
      variants: [{ algorithm: 'hmac-sha1', encoding: 'hex' }],
      id: { body: ['id'] },
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
