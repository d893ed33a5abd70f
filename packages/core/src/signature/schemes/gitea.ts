import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Gitea and Forgejo: HMAC-SHA-256 over the body, bare in `x-forgejo-signature` or `x-gitea-signature`
 * (https://docs.gitea.com/usage/repository/webhooks, https://forgejo.org/docs/latest/user/webhooks/).
 *
 * Where both fields are there, Forgejo's decides: a right one never rescues a wrong one. Nothing but the body is
 * signed: the replay window keys on the MAC, so that two deliveries with the same body are one message.
 *
 * @example
 * ```ts
 * import { gitea, signature, type Store } from '@latchkey/core'
 *
 * const fromGitea = (secret: string, store: Store) => signature({ scheme: gitea({ secrets: [secret] }), store })
 * ```
 */
export const gitea = /* @__PURE__ */ defineScheme({
  name: 'gitea',
  carriers: [
    {
      signature: 'x-forgejo-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      id: { header: 'x-forgejo-delivery' },
    },
    {
      signature: 'x-gitea-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      id: { header: 'x-gitea-delivery' },
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
