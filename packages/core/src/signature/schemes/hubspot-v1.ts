import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * HubSpot, version 1: SHA-256 over `<client secret><body>` in `x-hubspot-signature`
 * (https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests).
 *
 * The replay window keys on that digest under the first secret, so that two deliveries with the same body are one
 * message.
 *
 * @remarks Insecure if HubSpot also sends version 3, which `hubspotV3` verifies: this is a digest with the secret before it and
 * no HMAC, and no time is signed, so that whoever has seen a message can send it again once the window has forgotten it.
 *
 * @example
 * ```ts
 * import { hubspotV1, signature, type Store } from '@latchkey/core'
 *
 * const fromHubspotV1 = (secret: string, store: Store) =>
 *   signature({ scheme: hubspotV1({ secrets: [secret] }), store })
 * ```
 */
export const hubspotV1 = /* @__PURE__ */ defineScheme({
  name: 'hubspot-v1',
  carriers: [
    {
      signature: 'x-hubspot-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'sha256-prefix', encoding: 'hex' }],
      fixed: { 'x-hubspot-signature-version': 'v1' },
    },
  ],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
