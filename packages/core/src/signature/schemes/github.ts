import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * GitHub: HMAC-SHA-256 over the body in `x-hub-signature-256`
 * (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries).
 *
 * The older HMAC-SHA-1 in `x-hub-signature` counts only with `allowLegacy: 'sha1'`, and never beside the newer one. Nothing
 * but the body is signed, neither time nor `x-github-delivery`: the replay window keys on the MAC, so that two deliveries
 * with the same body are one message.
 *
 * @example
 * ```ts
 * import { github, signature, type Store } from '@latchkey/core'
 *
 * const fromGithub = (secret: string, store: Store) => signature({ scheme: github({ secrets: [secret] }), store })
 * ```
 */
export const github = /* @__PURE__ */ defineScheme({
  name: 'github',
  carriers: [
    {
      signature: 'x-hub-signature-256',
      syntax: { form: 'prefixed', prefix: 'sha256=' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      id: { header: 'x-github-delivery' },
    },
    {
      signature: 'x-hub-signature',
      syntax: { form: 'prefixed', prefix: 'sha1=' },
      variants: [{ algorithm: 'hmac-sha1', encoding: 'hex' }],
      id: { header: 'x-github-delivery' },
      legacy: 'sha1',
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
