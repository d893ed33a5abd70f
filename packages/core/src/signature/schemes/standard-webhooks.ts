import { defineScheme } from '../scheme-model/define-scheme.js'
import type { ContentSegment, SecretRule, SignatureCarrier } from '../scheme-model/scheme.js'

/** The field names of Standard Webhooks under a sender's own prefix. */
export function standardCarrier(prefix: string): SignatureCarrier {
  return {
    signature: `${prefix}-signature`,
    syntax: { form: 'labelled' },
    variants: [
      { label: 'v1', algorithm: 'hmac-sha256', encoding: 'base64' },
      { label: 'v1a', algorithm: 'ed25519', encoding: 'base64' },
    ],
    timestamp: { header: `${prefix}-timestamp` },
    id: { header: `${prefix}-id` },
  }
}

export const standardContent: readonly ContentSegment[] = [
  'id',
  { literal: '.' },
  'timestamp',
  { literal: '.' },
  'body',
]

/** @param minBytes fewest bytes of a `whsec_` secret. */
export function standardSecrets(minBytes: number): readonly SecretRule[] {
  return [
    { prefix: 'whsec_', encoding: 'base64', kind: 'hmac', minBytes, maxBytes: 64 },
    { prefix: 'whpk_', encoding: 'base64', kind: 'ed25519-public', minBytes: 32, maxBytes: 32 },
    { prefix: 'whsk_', encoding: 'base64', kind: 'ed25519-private', minBytes: 64, maxBytes: 64 },
    { encoding: 'base64', kind: 'hmac' },
  ]
}

/**
 * Standard Webhooks: `v1` (HMAC-SHA-256) and `v1a` (Ed25519) over `<id>.<timestamp>.<body>`; what OpenAI, Anthropic, Resend,
 * Replicate and many others send (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 *
 * Secrets: `whsec_` and base64 of 24 to 64 bytes, or that base64 alone, for `v1`; `whpk_` and base64 of a public key for
 * `v1a`; `whsk_` (seed and public key) signs.
 *
 * @example
 * ```ts
 * import { signature, standardWebhooks, type Store } from '@latchkey/core'
 *
 * const fromSender = (secret: string, store: Store) =>
 *   signature({ scheme: standardWebhooks({ secrets: [secret] }), store })
 * ```
 */
export const standardWebhooks = /* @__PURE__ */ defineScheme({
  name: 'standard-webhooks',
  carriers: [/* @__PURE__ */ standardCarrier('webhook')],
  content: standardContent,
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: /* @__PURE__ */ standardSecrets(24),
})
