import { createHash } from 'node:crypto'
import type { RandomSource } from '@latchkey/core'

/**
 * A source of bytes that are the same in every run: the option `random` of `apiKeys`, for tests.
 *
 * @remarks Insecure if it makes a key that a real server accepts: whoever knows the seed has the key.
 *
 * @example
 * ```ts
 * import { apiKeys, memoryStore } from '@latchkey/core'
 * import { seededRandom } from '@latchkey/testing'
 *
 * const keys = apiKeys({ store: memoryStore(), prefix: 'acme', random: seededRandom('checkout') })
 * ```
 */
export function seededRandom(seed: string): RandomSource {
  let block = 0
  // SHA-256 in counter mode: every byte is as likely as any other, which the alphabet of keys asks for.
  return (target) => {
    for (let at = 0; at < target.length; at += 32) {
      const bytes = createHash('sha256').update(`${block++}:${seed}`).digest()
      target.set(bytes.subarray(0, target.length - at), at)
    }
  }
}
