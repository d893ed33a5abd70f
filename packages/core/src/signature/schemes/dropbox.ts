import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Dropbox: HMAC-SHA-256 over the body in `x-dropbox-signature`, keyed with the app secret
 * (https://www.dropbox.com/developers/reference/webhooks).
 *
 * Nothing but the body is signed: the replay window keys on the MAC, so that two deliveries with the same body are one
 * message. Dropbox says only that something has changed, in the same words each time: give `replay: false` if a second
 * notice must not be taken for a replay of the first. The `GET` that asks for a challenge is answered by
 * `dropboxHandshake`.
 *
 * @example
 * ```ts
 * import { dropbox, signature, type Store } from '@latchkey/core'
 *
 * const fromDropbox = (secret: string, store: Store) => signature({ scheme: dropbox({ secrets: [secret] }), store })
 * ```
 */
export const dropbox = /* @__PURE__ */ defineScheme({
  name: 'dropbox',
  carriers: [
    {
      signature: 'x-dropbox-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
