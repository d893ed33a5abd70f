import { sha256 } from './crypto.js'

/**
 * What stands for a message in the replay window: SHA-256 over length-prefixed parts, 43 base64url characters.
 *
 * @param parts what the sender has signed and the message is known by, after whose it is: two senders in one store never meet.
 */
export function replayId(scheme: string, ...parts: readonly string[]): string {
  const whole = [scheme, ...parts].map((part) => `${Buffer.byteLength(part)}:${part}`).join('')
  return sha256(`latchkey replay 1:${whole}`).toString('base64url')
}
