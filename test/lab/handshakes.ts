import {
  asanaHandshake,
  dropboxHandshake,
  type Handshake,
  metaHandshake,
  notionHandshake,
  slackHandshake,
  slackSslCheck,
  trelloHandshake,
  twitchHandshake,
  zoomHandshake,
} from '@latchkey/core'

/** What stands at a hook beside its guard. */
export interface HookHandshakes {
  readonly before?: Handshake
  readonly behind?: Handshake
}

const expectsNothing: Handshake = async () => ({ kind: 'pass', grant: undefined })

/** The handshakes of the lab's hooks, by scheme; the secrets that a handshake brings are those that the lab has already. */
export function hookHandshakes(
  secretOf: (scheme: string) => string,
  problemBaseUrl: string,
): (scheme: string) => Required<HookHandshakes> {
  const handshakes: Readonly<Record<string, HookHandshakes>> = {
    asana: { before: asanaHandshake({ accept: (secret) => secret === secretOf('asana'), problemBaseUrl }) },
    dropbox: { before: dropboxHandshake() },
    meta: { before: metaHandshake({ verifyToken: secretOf('meta'), problemBaseUrl }) },
    notion: { before: notionHandshake({ accept: (token) => token === secretOf('notion'), problemBaseUrl }) },
    slack: { before: slackSslCheck({ problemBaseUrl }), behind: slackHandshake() },
    trello: { before: trelloHandshake() },
    twitch: { behind: twitchHandshake() },
    zoom: { behind: zoomHandshake({ secret: secretOf('zoom'), problemBaseUrl }) },
  }
  return (scheme) => ({ before: expectsNothing, behind: expectsNothing, ...handshakes[scheme] })
}
