import type { Awaitable } from '../../guard.js'
import { isFunction, OptionReader } from '../../option-reader.js'
import { readBodyMember } from '../verification/body-member.js'
import {
  type Handshake,
  type HandshakeOptions,
  handshakeBody,
  notOurs,
  plainText,
  printable,
  readProblemBaseUrl,
  refuseHandshake,
} from './handshake.js'

/** How Notion's handshake is answered. */
export interface NotionHandshakeOptions extends HandshakeOptions {
  /**
   * Whether a verification token is expected here now; shows or keeps it.
   *
   * @remarks Insecure if it says yes at any time: whoever comes then chooses the secret that later messages are verified with.
   */
  readonly accept: (verificationToken: string, request: { readonly url: string }) => Awaitable<boolean>
}

/**
 * Takes the request by which Notion brings the verification token of a new subscription, the secret of all later messages:
 * 200 where it is accepted, else 401 (https://developers.notion.com/reference/webhooks#step-2-verifying-the-subscription). It is
 * not signed: a request that has `x-notion-signature` is passed.
 *
 * @example
 * ```ts
 * import { notionHandshake } from '@latchkey/core'
 *
 * let token: string | undefined
 * const handshake = notionHandshake({
 *   accept: (verificationToken) => {
 *     token ??= verificationToken
 *     return token === verificationToken
 *   },
 * })
 * ```
 *
 * @throws ConfigurationError where `accept` is no function.
 */
export function notionHandshake(options: NotionHandshakeOptions): Handshake {
  const read = new OptionReader('notionHandshake', options, ['accept', 'problemBaseUrl'])
  const problemBaseUrl = readProblemBaseUrl(read)
  const accept = read.required('accept', 'a function', isFunction<NotionHandshakeOptions['accept']>)
  return async (request) => {
    if (request.method !== 'POST' || request.headers.count('x-notion-signature') > 0) return notOurs
    const body = await handshakeBody(request, problemBaseUrl)
    if ('kind' in body) return body
    const token = printable(readBodyMember(body, ['verification_token']))
    if (token === undefined) return notOurs
    return (await accept(token, { url: request.url })) === true ? plainText('') : refuseHandshake(problemBaseUrl)
  }
}
