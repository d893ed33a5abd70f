import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Kick: RSA PKCS #1 v1.5 with SHA-256 over `<id>.<timestamp>.<body>` in `kick-event-signature`
 * (https://docs.kick.com/events/webhook-security).
 *
 * `secrets` holds Kick's public key in PEM. It is the same for all apps, so a message that is genuine may have been sent to
 * another app: look whose event it is before you act on it.
 *
 * @example
 * ```ts
 * import { kick, kickPublicKey, signature, type Store } from '@latchkey/core'
 *
 * const fromKick = (store: Store) => signature({ scheme: kick({ secrets: [kickPublicKey] }), store })
 * ```
 */
export const kick = /* @__PURE__ */ defineScheme({
  name: 'kick',
  carriers: [
    {
      signature: 'kick-event-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'rsa-v1_5-sha256', encoding: 'base64' }],
      timestamp: { header: 'kick-event-message-timestamp' },
      id: { header: 'kick-event-message-id' },
    },
  ],
  content: ['id', { literal: '.' }, 'timestamp', { literal: '.' }, 'body'],
  timestamp: { unit: 'rfc3339', toleranceSeconds: 300 },
  secrets: [
    { encoding: 'pem', kind: 'rsa-public' },
    { encoding: 'pem', kind: 'rsa-private' },
  ],
})

/** The public key that Kick's documents show (https://docs.kick.com/events/webhook-security). */
export const kickPublicKey = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAq/+l1WnlRrGSolDMA+A8
6rAhMbQGmQ2SapVcGM3zq8ANXjnhDWocMqfWcTd95btDydITa10kDvHzw9WQOqp2
MZI7ZyrfzJuz5nhTPCiJwTwnEtWft7nV14BYRDHvlfqPUaZ+1KR4OCaO/wWIk/rQ
L/TjY0M70gse8rlBkbo2a8rKhu69RQTRsoaf4DVhDPEeSeI5jVrRDGAMGL3cGuyY
6CLKGdjVEM78g3JfYOvDU/RvfqD7L89TZ3iN94jrmWdGz34JNlEI5hqK8dd7C5EF
BEbZ5jgB8s8ReQV8H+MkuffjdAj3ajDDX3DOJMIut1lBrUVD1AaSrGCKHooWoL2e
twIDAQAB
-----END PUBLIC KEY-----`
