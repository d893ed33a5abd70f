import { base64url, concat, utf8 } from '../../bytes.js'
import { digest } from '../../crypto.js'
import type { SecretKey } from '../scheme-model/algorithm.js'
import type { Scheme } from '../scheme-model/scheme.js'

/**
 * What stands for a message in the replay window: SHA-256 over length-prefixed parts, 43 base64url characters. The first
 * secret is one of them, whichever matched: who strips one of two signatures from a message must not get a second message.
 * And some secret is, so that two senders in one store never meet, whatever ids they choose.
 *
 * @param kind what the message is known by: its signed id, or what was computed over its signed content.
 */
export function replayId(scheme: Scheme, firstKey: SecretKey, kind: 'id' | 'content', value: Uint8Array): string {
  const head = utf8(`latchkey replay 1:${scheme.name}:${kind}:${value.length}:`)
  return base64url(digest('sha256', concat([head, firstKey.digest, value])))
}
