import { OptionReader } from '../../option-reader.js'
import {
  type Handshake,
  type HandshakeOptions,
  isSameText,
  notOurs,
  plainText,
  queryParameter,
  readProblemBaseUrl,
  refuseHandshake,
} from './handshake.js'

/** How Meta's handshake is answered. */
export interface MetaHandshakeOptions extends HandshakeOptions {
  /** The verify token that the app's dashboard was given. */
  readonly verifyToken: string
}

/**
 * Answers the `GET` by which Meta (Facebook, Instagram, WhatsApp) tries an address: the challenge, where the verify token is
 * right, else 401 (https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests).
 *
 * @example
 * ```ts
 * import { metaHandshake } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 *
 * const handshake = (verifyToken: string) => mount('handshake', metaHandshake({ verifyToken }))
 * ```
 *
 * @throws ConfigurationError where the token is missing.
 */
export function metaHandshake(options: MetaHandshakeOptions): Handshake {
  const read = new OptionReader('metaHandshake', options, ['verifyToken', 'problemBaseUrl'])
  const problemBaseUrl = readProblemBaseUrl(read)
  const isToken = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
  const verifyToken = read.required('verifyToken', 'the text that the app’s dashboard was given', isToken)
  return async (request) => {
    if (request.method !== 'GET' || queryParameter(request, 'hub.mode') !== 'subscribe') return notOurs
    const token = queryParameter(request, 'hub.verify_token')
    const challenge = queryParameter(request, 'hub.challenge')
    const isRight = token !== undefined && isSameText(token, verifyToken)
    return isRight && challenge !== undefined ? plainText(challenge) : refuseHandshake(problemBaseUrl)
  }
}
