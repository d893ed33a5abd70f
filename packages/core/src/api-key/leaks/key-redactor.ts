import { keyPatterns } from '../key/grammar.js'
import { type KeyPrefixes, readPrefixes } from './key-prefixes.js'

/**
 * Takes the secrets of keys out of texts: each key becomes its display form, `acme_live_<id>_…`, and all else stays as it is.
 * A wrong checksum, a cut end and whatever stands right before or behind make no difference: where a secret has begun, no
 * character of it stays. Cut texts into pieces at line ends, if at all: a key in two pieces is not one.
 *
 * @example
 * ```ts
 * import { keyRedactor } from '@latchkey/core'
 *
 * const redact = keyRedactor({ prefixes: ['acme'] }) // or the keys themselves: keyRedactor(keys)
 * export const log = (line: string) => console.log(redact(line))
 * ```
 *
 * @throws ConfigurationError where a prefix is not valid.
 */
export function keyRedactor(keys: KeyPrefixes): (text: string) => string {
  const { environment, id, cutSecret } = keyPatterns
  const prefix = readPrefixes('keyRedactor', keys).join('|')
  // What stands before the secret is looked at and not consumed: where the end of one key runs into the next, the next is
  // found all the same.
  const secrets = new RegExp(`(?<=(?:${prefix})_${environment}_${id}_)${cutSecret}`, 'g')
  return (text) => text.replace(secrets, '…')
}
