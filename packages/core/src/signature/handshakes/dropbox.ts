import { type Handshake, notOurs, plainText, queryParameter } from './handshake.js'

/**
 * Answers the `GET` by which Dropbox tries an address, with the challenge that it brings
 * (https://www.dropbox.com/developers/reference/webhooks#verification). Nothing is proven by it, and nothing is granted.
 *
 * @example
 * ```ts
 * import { dropboxHandshake } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 *
 * const handshake = mount('handshake', dropboxHandshake())
 * ```
 */
export function dropboxHandshake(): Handshake {
  return async (request) => {
    const challenge = request.method === 'GET' ? queryParameter(request, 'challenge') : undefined
    return challenge === undefined ? notOurs : plainText(challenge)
  }
}
