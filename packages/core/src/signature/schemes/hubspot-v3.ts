import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * HubSpot, version 3: HMAC-SHA-256 over `<method><URL><body><timestamp>` in `x-hubspot-signature-v3`, the time in
 * milliseconds, keyed with the app's client secret
 * (https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation).
 *
 * HubSpot signs the URL with twelve percent escapes undone (`: / ? @ ! $ ' ( ) * , ;`). The URL is the one that HubSpot
 * was given, with the query that it adds: `publicUrl` of the guard. The replay window keys on the MAC, which covers the
 * time.
 *
 * @example
 * ```ts
 * import { hubspotV3, signature, type Store } from '@latchkey/core'
 *
 * const fromHubspotV3 = (secret: string, url: string, store: Store) =>
 *   signature({ scheme: hubspotV3({ secrets: [secret] }), publicUrl: url, store })
 * ```
 */
export const hubspotV3 = /* @__PURE__ */ defineScheme({
  name: 'hubspot-v3',
  carriers: [
    {
      signature: 'x-hubspot-signature-v3',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
      timestamp: { header: 'x-hubspot-request-timestamp' },
    },
  ],
  content: ['method', { urlUnescaping: ":/?@!$'()*,;" }, 'body', 'timestamp'],
  timestamp: { unit: 'ms', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
