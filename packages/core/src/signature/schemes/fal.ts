import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * fal.ai: Ed25519 over request id, user id, timestamp and the body's SHA-256, a line each, in `x-fal-webhook-signature`
 * (https://fal.ai/docs/documentation/model-apis/inference/webhooks).
 *
 * `secrets` finds fal.ai's public keys: `falKeys()` of `@latchkey/remote-keys` fetches them. Or it holds them, in PEM or as
 * 64 hexadecimal digits.
 *
 * @example
 * ```ts
 * import { fal, memoryStore, signature } from '@latchkey/core'
 * import { falKeys } from '@latchkey/remote-keys'
 *
 * export const fromFal = signature({ scheme: fal({ secrets: falKeys() }), store: memoryStore() })
 * ```
 */
export const fal = /* @__PURE__ */ defineScheme({
  name: 'fal',
  carriers: [
    {
      signature: 'x-fal-webhook-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'ed25519', encoding: 'hex' }],
      timestamp: { header: 'x-fal-webhook-timestamp' },
      id: { header: 'x-fal-webhook-request-id' },
    },
  ],
  content: [
    'id',
    { literal: '\n' },
    { field: 'x-fal-webhook-user-id' },
    { literal: '\n' },
    'timestamp',
    { literal: '\n' },
    'body-sha256',
  ],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [
    { encoding: 'pem', kind: 'ed25519-public' },
    { encoding: 'pem', kind: 'ed25519-private' },
    { encoding: 'hex', kind: 'ed25519-public', minBytes: 32, maxBytes: 32 },
  ],
})
