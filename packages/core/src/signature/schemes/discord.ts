import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Discord: Ed25519 over `<timestamp><body>` in `x-signature-ed25519`
 * (https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint-validating-security-request-headers).
 *
 * `secrets` holds the application's public key, 64 hexadecimal digits. The replay window keys on the signed content,
 * time included.
 *
 * @example
 * ```ts
 * import { discord, signature, type Store } from '@latchkey/core'
 *
 * const fromDiscord = (publicKey: string, store: Store) =>
 *   signature({ scheme: discord({ secrets: [publicKey] }), store })
 * ```
 */
export const discord = /* @__PURE__ */ defineScheme({
  name: 'discord',
  carriers: [
    {
      signature: 'x-signature-ed25519',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'ed25519', encoding: 'hex' }],
      timestamp: { header: 'x-signature-timestamp' },
    },
  ],
  content: ['timestamp', 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [
    { encoding: 'pem', kind: 'ed25519-public' },
    { encoding: 'pem', kind: 'ed25519-private' },
    { encoding: 'hex', kind: 'ed25519-public', minBytes: 32, maxBytes: 32 },
  ],
})
