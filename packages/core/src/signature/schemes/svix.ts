import { defineScheme } from '../scheme-model/define-scheme.js'
import { standardCarrier, standardContent, standardSecrets } from './standard-webhooks.js'

/**
 * Svix: Standard Webhooks under `svix-` field names, which is what Clerk and others send; where there is no
 * `svix-signature`, the unbranded `webhook-` fields are read, all of them: Svix's own library mixes the two families, field
 * by field (https://docs.svix.com/receiving/verifying-payloads/how-manual).
 *
 * The worked example of that page has a secret of 18 bytes, so `whsec_` secrets may be shorter here than in the standard:
 * 16 to 64 bytes.
 *
 * @example
 * ```ts
 * import { signature, type Store, svix } from '@latchkey/core'
 *
 * const fromSvix = (secret: string, store: Store) => signature({ scheme: svix({ secrets: [secret] }), store })
 * ```
 */
export const svix = /* @__PURE__ */ defineScheme({
  name: 'svix',
  carriers: [/* @__PURE__ */ standardCarrier('svix'), /* @__PURE__ */ standardCarrier('webhook')],
  content: standardContent,
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: /* @__PURE__ */ standardSecrets(16),
})
