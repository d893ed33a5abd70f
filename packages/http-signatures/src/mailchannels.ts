import type { HttpSignaturePolicy } from './policy.js'

/**
 * The policy for the webhooks of MailChannels: `Content-Digest` signed with Ed25519. Their public keys are looked up by `keyid`
 * through MailChannels' own API, over TLS, by your resolver.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@latchkey/core'
 * import { httpSignature, mailChannels, verificationKey } from '@latchkey/http-signatures'
 *
 * const fromMailChannels = (publicKeys: Map<string, Uint8Array>) =>
 *   httpSignature({
 *     keys: ({ keyid = '' }) => {
 *       const key = publicKeys.get(keyid)
 *       return key && verificationKey({ algorithm: 'ed25519', key, keyid })
 *     },
 *     policy: mailChannels,
 *     store: memoryStore(),
 *   })
 * ```
 */
export const mailChannels = {
  required: ['content-digest'],
  maxAgeSeconds: 300,
  algorithms: ['ed25519'],
} as const satisfies HttpSignaturePolicy
