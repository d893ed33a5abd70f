import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Trello: HMAC-SHA-1 over `<body><callback URL>` in `x-trello-webhook`, keyed with the app's secret
 * (https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/#webhook-signatures).
 *
 * SHA-1 is all that Trello sends. The URL is the one that the webhook was created with: `publicUrl` of the guard. The
 * replay window keys on the action's id in the signed body. The `HEAD` by which Trello tries the URL is answered by
 * `trelloHandshake`.
 *
 * @example
 * ```ts
 * import { signature, type Store, trello } from '@latchkey/core'
 *
 * const fromTrello = (secret: string, url: string, store: Store) =>
 *   signature({ scheme: trello({ secrets: [secret] }), publicUrl: url, store })
 * ```
 */
export const trello = /* @__PURE__ */ defineScheme({
  name: 'trello',
  carriers: [
    {
      signature: 'x-trello-webhook',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha1', encoding: 'base64' }],
      id: { body: ['action', 'id'] },
    },
  ],
  content: ['body', 'url'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
