import { base64url } from '../bytes.js'
import { hmacHasher } from '../crypto.js'
import type { SecretKey } from './algorithm.js'
import type { Scheme } from './scheme.js'

/**
 * What stands for a message in the replay window: HMAC-SHA-256 over length-prefixed parts under the first secret, 43
 * base64url characters. Under the first, whichever matched: who strips one of two signatures from a message must not get a
 * second message. Under a secret at all, so that two senders in one store never meet, whatever ids they choose.
 *
 * @param kind what the message is known by: its signed id, or what was computed over its signed content.
 */
export function replayId(scheme: Scheme, firstKey: SecretKey, kind: 'id' | 'content', value: Uint8Array): string {
  const hasher = hmacHasher('sha256', firstKey.bytes)
  hasher.update(`latchkey replay 1:${scheme.name}:${kind}:${value.length}:`)
  hasher.update(value)
  return base64url(hasher.digest())
}
