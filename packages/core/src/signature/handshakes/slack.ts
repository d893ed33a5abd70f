import { OptionReader } from '../../option-reader.js'
import { readBodyMember } from '../verification/body-member.js'
import {
  type Handshake,
  type HandshakeOptions,
  handshakeBody,
  notOurs,
  plainText,
  printable,
  readProblemBaseUrl,
  verifiedBody,
} from './handshake.js'

/**
 * Answers Slack's signed `url_verification` with its challenge, and a signed `ssl_check` with nothing, so that neither reaches
 * the handler (https://docs.slack.dev/reference/events/url_verification). It stands behind the guard `signature`.
 *
 * @example
 * ```ts
 * import { sequence, signature, slack, slackHandshake, type Store } from '@latchkey/core'
 *
 * const fromSlack = (secret: string, store: Store) =>
 *   sequence({ signature: signature({ scheme: slack({ secrets: [secret] }), store }), handshake: slackHandshake() })
 * ```
 *
 * @throws ConfigurationError by rejection where no guard `signature` of Slack stands before it.
 */
export function slackHandshake(): Handshake {
  return async (request, prior) => {
    const body = await verifiedBody(request, prior, 'slack')
    if (isSslCheck(body)) return plainText('')
    if (readBodyMember(body, ['type']) !== 'url_verification') return notOurs
    const challenge = printable(readBodyMember(body, ['challenge']))
    return challenge === undefined ? notOurs : plainText(challenge)
  }
}

/**
 * Answers Slack's `ssl_check` that comes without a signature, with an empty 200; it stands before the guard `signature`
 * (https://docs.slack.dev/interactivity/implementing-slash-commands). Everything else is passed, to be refused there.
 *
 * @example
 * ```ts
 * import { slackSslCheck } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 *
 * const sslCheck = mount('sslCheck', slackSslCheck())
 * ```
 *
 * @throws ConfigurationError where the option is impossible.
 */
export function slackSslCheck(options: HandshakeOptions = {}): Handshake {
  const problemBaseUrl = readProblemBaseUrl(new OptionReader('slackSslCheck', options, ['problemBaseUrl']))
  return async (request) => {
    if (request.method !== 'POST' || request.headers.count('x-slack-signature') > 0) return notOurs
    const body = await handshakeBody(request, problemBaseUrl)
    if ('kind' in body) return body
    return isSslCheck(body) ? plainText('') : notOurs
  }
}

function isSslCheck(body: Uint8Array): boolean {
  return new URLSearchParams(Buffer.from(body).toString()).get('ssl_check') === '1'
}
