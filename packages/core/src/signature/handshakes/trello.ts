import { type Handshake, notOurs, plainText } from './handshake.js'

/**
 * Answers the `HEAD` by which Trello tries an address
 * (https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/#creating-a-webhook).
 *
 * @example
 * ```ts
 * import { trelloHandshake } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 *
 * const handshake = mount('handshake', trelloHandshake())
 * ```
 */
export function trelloHandshake(): Handshake {
  return async ({ method }) => (method === 'HEAD' ? plainText('') : notOurs)
}
