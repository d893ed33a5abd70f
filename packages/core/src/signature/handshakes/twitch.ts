import { readBodyMember } from '../verification/body-member.js'
import { type Handshake, notOurs, plainText, printable, verifiedBody } from './handshake.js'

/**
 * Answers Twitch's signed `webhook_callback_verification` with its challenge
 * (https://dev.twitch.tv/docs/eventsub/handling-webhook-events/#responding-to-a-challenge-request). It stands behind the guard
 * `signature`.
 *
 * @example
 * ```ts
 * import { sequence, signature, type Store, twitch, twitchHandshake } from '@latchkey/core'
 *
 * const fromTwitch = (secret: string, store: Store) =>
 *   sequence({ signature: signature({ scheme: twitch({ secrets: [secret] }), store }), handshake: twitchHandshake() })
 * ```
 *
 * @throws ConfigurationError by rejection where no guard `signature` of Twitch stands before it.
 */
export function twitchHandshake(): Handshake {
  return async (request, prior) => {
    const body = await verifiedBody(request, prior, 'twitch')
    if (request.headers.get('twitch-eventsub-message-type') !== 'webhook_callback_verification') return notOurs
    const challenge = printable(readBodyMember(body, ['challenge']))
    return challenge === undefined ? notOurs : plainText(challenge)
  }
}
