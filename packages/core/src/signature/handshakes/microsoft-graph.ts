import { type Handshake, notOurs, plainText, queryParameter } from './handshake.js'

/**
 * Answers the `POST` by which Microsoft Graph tries an address, with the `validationToken` of its query
 * (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation). Nothing is proven by
 * it, and nothing is granted; Graph's notifications are not signed, they name the `clientState` of the subscription.
 *
 * @example
 * ```ts
 * import { microsoftGraphHandshake } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 *
 * const handshake = mount('handshake', microsoftGraphHandshake())
 * ```
 */
export function microsoftGraphHandshake(): Handshake {
  return async (request) => {
    const token = request.method === 'POST' ? queryParameter(request, 'validationToken') : undefined
    return token === undefined ? notOurs : plainText(token)
  }
}
