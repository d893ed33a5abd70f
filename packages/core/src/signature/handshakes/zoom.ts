import { hex, utf8 } from '../../bytes.js'
import { hmac } from '../../crypto.js'
import { OptionReader } from '../../option-reader.js'
import { readBodyMember } from '../verification/body-member.js'
import {
  type Handshake,
  type HandshakeOptions,
  json,
  notOurs,
  readProblemBaseUrl,
  refuseHandshake,
  verifiedBody,
} from './handshake.js'

/** How Zoom's handshake is answered. */
export interface ZoomHandshakeOptions extends HandshakeOptions {
  /** The secret token of the app. */
  readonly secret: string
}

/**
 * Answers Zoom's signed `endpoint.url_validation` with the HMAC of the token that it brings
 * (https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint). It stands behind the guard `signature`, so that
 * nobody else has anything signed; and a token that could be a message is refused.
 *
 * @example
 * ```ts
 * import { sequence, signature, type Store, zoom, zoomHandshake } from '@latchkey/core'
 *
 * const fromZoom = (secret: string, store: Store) =>
 *   sequence({ signature: signature({ scheme: zoom({ secrets: [secret] }), store }), handshake: zoomHandshake({ secret }) })
 * ```
 *
 * @throws ConfigurationError where the secret is missing; by rejection where no guard `signature` of Zoom stands before it.
 */
export function zoomHandshake(options: ZoomHandshakeOptions): Handshake {
  const read = new OptionReader('zoomHandshake', options, ['secret', 'problemBaseUrl'])
  const problemBaseUrl = readProblemBaseUrl(read)
  const isSecret = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
  const secret = read.required('secret', 'the secret token of the app', isSecret)
  return async (request, prior) => {
    const body = await verifiedBody(request, prior, 'zoom')
    if (readBodyMember(body, ['event']) !== 'endpoint.url_validation') return notOurs
    const plainToken = readBodyMember(body, ['payload', 'plainToken'])
    // Signed content has colons: what is signed here can never be a signature of a message.
    if (typeof plainToken !== 'string' || !/^[A-Za-z0-9_-]{1,256}$/.test(plainToken))
      return refuseHandshake(problemBaseUrl)
    return json({ plainToken, encryptedToken: hex(hmac('sha256', utf8(secret), plainToken)) })
  }
}
