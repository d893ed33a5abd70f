import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Twitch EventSub: HMAC-SHA-256 over `<id><timestamp><body>` in `twitch-eventsub-message-signature: sha256=…`, the time
 * by RFC 3339 (https://dev.twitch.tv/docs/eventsub/handling-webhook-events/#verifying-the-event-message).
 *
 * The tolerance is 600 seconds, as Twitch says. The replay window keys on the signed message id. A verification
 * challenge is signed like any message: `twitchHandshake` behind this guard answers it.
 *
 * @example
 * ```ts
 * import { signature, type Store, twitch } from '@latchkey/core'
 *
 * const fromTwitch = (secret: string, store: Store) => signature({ scheme: twitch({ secrets: [secret] }), store })
 * ```
 */
export const twitch = /* @__PURE__ */ defineScheme({
  name: 'twitch',
  carriers: [
    {
      signature: 'twitch-eventsub-message-signature',
      syntax: { form: 'prefixed', prefix: 'sha256=' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
      timestamp: { header: 'twitch-eventsub-message-timestamp' },
      id: { header: 'twitch-eventsub-message-id' },
    },
  ],
  content: ['id', 'timestamp', 'body'],
  timestamp: { unit: 'rfc3339', toleranceSeconds: 600 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
