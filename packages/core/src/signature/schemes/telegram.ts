import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Telegram: the bot's `secret_token`, 1 to 256 characters, shown in `x-telegram-bot-api-secret-token`
 * (https://core.telegram.org/bots/api#setwebhook).
 *
 * @remarks Insecure if it stands alone for what must not be done twice or changed: nothing is signed, so whoever sees one
 * request can send any other, and there is nothing to key a replay window on.
 *
 * @example
 * ```ts
 * import { telegram, signature } from '@latchkey/core'
 *
 * const guard = (secret: string) => signature({ scheme: telegram({ secrets: [secret] }) })
 * ```
 */
export const telegram = /* @__PURE__ */ defineScheme({
  name: 'telegram',
  carriers: [
    {
      signature: 'x-telegram-bot-api-secret-token',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'shared-secret', encoding: 'text' }],
    },
  ],
  content: [],
  secrets: [{ encoding: 'utf8', kind: 'text', maxBytes: 256 }],
})
