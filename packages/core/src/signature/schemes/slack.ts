import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Slack: HMAC-SHA-256 over `v0:<timestamp>:<body>` in `x-slack-signature`
 * (https://docs.slack.dev/authentication/verifying-requests-from-slack).
 *
 * The signing secret looks like hex and is used as text. There is no delivery id: the replay window keys on the MAC, which
 * covers the time, so that two equal commands sent at different times are two messages.
 *
 * @example
 * ```ts
 * import { signature, slack, type Store } from '@latchkey/core'
 *
 * const fromSlack = (secret: string, store: Store) => signature({ scheme: slack({ secrets: [secret] }), store })
 * ```
 */
export const slack = /* @__PURE__ */ defineScheme({
  name: 'slack',
  carriers: [
    {
      signature: 'x-slack-signature',
      syntax: { form: 'prefixed', prefix: 'v0=' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      timestamp: { header: 'x-slack-request-timestamp' },
    },
  ],
  content: [{ literal: 'v0:' }, 'timestamp', { literal: ':' }, 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
