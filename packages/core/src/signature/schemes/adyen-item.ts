import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Adyen's payment webhooks: HMAC-SHA-256 in the body, in `additionalData.hmacSignature` of the one item, over eight of
 * its members (https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures).
 *
 * The members are `pspReference`, `originalReference`, `merchantAccountCode`, `merchantReference`, `amount.value`,
 * `amount.currency`, `eventCode` and `success`. As JSON Adyen sends one item a message; a message with several is
 * refused. The key is hexadecimal. The replay window keys on the MAC.
 *
 * @remarks Insecure if the handler believes more than these eight members: nobody signs the rest, the payment method and the
 * date among it. They are joined by colons that are not escaped, so that a colon in a reference can be moved.
 *
 * @example
 * ```ts
 * import { adyenItem, signature, type Store } from '@latchkey/core'
 *
 * const fromAdyenItem = (secret: string, store: Store) =>
 *   signature({ scheme: adyenItem({ secrets: [secret] }), store })
 * ```
 */
export const adyenItem = /* @__PURE__ */ defineScheme({
  name: 'adyen-item',
  envelope: {
    hmacsignature: ['notificationItems', '0', 'NotificationRequestItem', 'additionalData', 'hmacSignature'],
    pspreference: ['notificationItems', '0', 'NotificationRequestItem', 'pspReference'],
    originalreference: ['notificationItems', '0', 'NotificationRequestItem', 'originalReference'],
    merchantaccountcode: ['notificationItems', '0', 'NotificationRequestItem', 'merchantAccountCode'],
    merchantreference: ['notificationItems', '0', 'NotificationRequestItem', 'merchantReference'],
    value: ['notificationItems', '0', 'NotificationRequestItem', 'amount', 'value'],
    currency: ['notificationItems', '0', 'NotificationRequestItem', 'amount', 'currency'],
    eventcode: ['notificationItems', '0', 'NotificationRequestItem', 'eventCode'],
    success: ['notificationItems', '0', 'NotificationRequestItem', 'success'],
  },
  carriers: [
    {
      signature: 'hmacsignature',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }],
    },
  ],
  content: [
    { field: 'pspreference' },
    { literal: ':' },
    { field: 'originalreference', isOptional: true },
    { literal: ':' },
    { field: 'merchantaccountcode' },
    { literal: ':' },
    { field: 'merchantreference', isOptional: true },
    { literal: ':' },
    { field: 'value', isOptional: true },
    { literal: ':' },
    { field: 'currency', isOptional: true },
    { literal: ':' },
    { field: 'eventcode' },
    { literal: ':' },
    { field: 'success' },
  ],
  secrets: [{ encoding: 'hex', kind: 'hmac' }],
})
