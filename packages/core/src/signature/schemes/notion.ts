import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Notion: HMAC-SHA-256 over the body in `x-notion-signature: sha256=…`, keyed with the verification token
 * (https://developers.notion.com/reference/webhooks).
 *
 * The replay window keys on the event's `id` in the signed body. The first request, which brings the token, is
 * unsigned: `notionHandshake` takes it.
 *
 * @example
 * ```ts
 * import { notion, signature, type Store } from '@latchkey/core'
 *
 * const fromNotion = (secret: string, store: Store) => signature({ scheme: notion({ secrets: [secret] }), store })
 * ```
 */
export const notion = /* @__PURE__ */ defineScheme({
  name: 'notion',
  carriers: [
    {
      signature: 'x-notion-signature',
      syntax: { form: 'prefixed', prefix: 'sha256=' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      id: { body: ['id'] },
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
