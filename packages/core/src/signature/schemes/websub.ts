import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * WebSub with SHA-256, which Bitbucket Cloud and Jira send: HMAC-SHA-256 over the body in `x-hub-signature: sha256=…`
 * (https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/,
 * https://www.w3.org/TR/websub/#signature-validation).
 *
 * The method stands in the field and is the sender's choice there; here it is pinned, so that `sha1=` is refused.
 * Nothing but the body is signed: the replay window keys on the MAC, so that two deliveries with the same body are one
 * message.
 *
 * @example
 * ```ts
 * import { signature, type Store, websubSha256 } from '@latchkey/core'
 *
 * const fromWebsubSha256 = (secret: string, store: Store) =>
 *   signature({ scheme: websubSha256({ secrets: [secret] }), store })
 * ```
 */
export const websubSha256 = /* @__PURE__ */ defineScheme({
  name: 'websub-sha256',
  carriers: [
    {
      signature: 'x-hub-signature',
      syntax: { form: 'prefixed', prefix: 'sha256=' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
