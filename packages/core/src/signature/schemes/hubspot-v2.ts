import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * HubSpot, version 2: SHA-256 over `<client secret><method><URL><body>` in `x-hubspot-signature`
 * (https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests).
 *
 * The URL is the one that HubSpot was given, with the query that it adds: `publicUrl` of the guard. The replay window
 * keys on that digest under the first secret, so that two equal requests are one message.
 *
 * @remarks Insecure if HubSpot also sends version 3, which `hubspotV3` verifies: this is a digest with the secret before it and
 * no HMAC, and no time is signed, so that whoever has seen a message can send it again once the window has forgotten it.
 *
 * @example
 * ```ts
 * import { hubspotV2, signature, type Store } from '@latchkey/core'
 *
 * const fromHubspotV2 = (secret: string, url: string, store: Store) =>
 *   signature({ scheme: hubspotV2({ secrets: [secret] }), publicUrl: url, store })
 * ```
 */
export const hubspotV2 = /* @__PURE__ */ defineScheme({
  name: 'hubspot-v2',
  carriers: [
    {
      signature: 'x-hubspot-signature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'sha256-prefix', encoding: 'hex' }],
      fixed: { 'x-hubspot-signature-version': 'v2' },
    },
  ],
  content: ['method', 'url', 'body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
