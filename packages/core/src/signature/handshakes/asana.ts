import type { Awaitable } from '../../guard.js'
import { isFunction, OptionReader } from '../../option-reader.js'
import {
  type Handshake,
  type HandshakeOptions,
  notOurs,
  plainText,
  printable,
  readProblemBaseUrl,
  refuseHandshake,
} from './handshake.js'

/** How Asana's handshake is answered. */
export interface AsanaHandshakeOptions extends HandshakeOptions {
  /**
   * Whether a handshake is expected here now; keeps the secret where it is.
   *
   * @remarks Insecure if it says yes at any time: whoever comes then chooses the secret that later messages are verified with.
   */
  readonly accept: (secret: string, request: { readonly url: string }) => Awaitable<boolean>
}

/**
 * Answers the request by which Asana brings the secret of a new webhook in `x-hook-secret`, with the same field, where it is
 * accepted, else with 401 (https://developers.asana.com/docs/webhooks-guide#the-webhook-handshake).
 *
 * @example
 * ```ts
 * import { asanaHandshake } from '@latchkey/core'
 *
 * const expected = new Map<string, string | undefined>()
 * const handshake = asanaHandshake({
 *   accept: (secret, { url }) => {
 *     const isExpected = expected.has(url) && expected.get(url) === undefined
 *     if (isExpected) expected.set(url, secret)
 *     return isExpected
 *   },
 * })
 * ```
 *
 * @throws ConfigurationError where `accept` is no function.
 */
export function asanaHandshake(options: AsanaHandshakeOptions): Handshake {
  const read = new OptionReader('asanaHandshake', options, ['accept', 'problemBaseUrl'])
  const problemBaseUrl = readProblemBaseUrl(read)
  const accept = read.required('accept', 'a function', isFunction<AsanaHandshakeOptions['accept']>)
  return async (request) => {
    const { method, headers, url } = request
    const lines = headers.count('x-hook-secret')
    if (method !== 'POST' || lines === 0) return notOurs
    const secret = lines === 1 ? printable(headers.get('x-hook-secret')) : undefined
    if (secret === undefined || (await accept(secret, { url })) !== true) return refuseHandshake(problemBaseUrl)
    return plainText('', [['x-hook-secret', secret]])
  }
}
