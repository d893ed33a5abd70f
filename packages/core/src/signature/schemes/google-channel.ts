import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Google's notification channels (Calendar, Drive): the channel's token, at most 256 characters, shown in `x-goog-channel-token`
 * (https://developers.google.com/workspace/calendar/api/guides/push). The channel's id and the resource's state are in
 * fields of their own, which the token does not vouch for.
 *
 * @remarks Insecure if it stands alone for what must not be done twice or changed: nothing is signed, so whoever sees one
 * request can send any other, and there is nothing to key a replay window on.
 *
 * @example
 * ```ts
 * import { googleChannel, signature } from '@latchkey/core'
 *
 * const guard = (secret: string) => signature({ scheme: googleChannel({ secrets: [secret] }) })
 * ```
 */
export const googleChannel = /* @__PURE__ */ defineScheme({
  name: 'google-channel',
  carriers: [
    {
      signature: 'x-goog-channel-token',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'shared-secret', encoding: 'text' }],
      id: { header: 'x-goog-message-number' },
    },
  ],
  content: [],
  secrets: [{ encoding: 'utf8', kind: 'text', maxBytes: 256 }],
})
