import { randomInteger } from '../crypto.js'
import { ConfigurationError } from '../errors.js'
import { shown } from '../option-reader.js'
import { wordAt, wordCount } from './wordlist.js'

/** Options of {@link passphrase}. */
export interface PassphraseOptions {
  /** What stands between the words: 1 to 8 characters, no letters and no hyphen, which words have too. @defaultValue `' '` */
  readonly separator?: string
  /**
   * Accepts fewer than five words.
   *
   * @remarks Insecure if nothing slows guesses down: four words are 51.7 bits.
   * @defaultValue `false`
   */
  readonly acceptWeak?: boolean
}

/** A passphrase and what it is worth. */
export interface Passphrase {
  readonly phrase: string
  /** How many bits a guesser who knows the list has to guess: 12.9 for each word. */
  readonly entropyBits: number
}

const leastWords = 5
const mostWords = 64

/**
 * Words from the EFF's long list, which has 7,776, each drawn independently: for people to remember or to type.
 *
 * @param words 5 to 64; less with `acceptWeak`.
 *
 * @example
 * ```ts
 * import { passphrase } from '@latchkey/core'
 *
 * const { phrase, entropyBits } = passphrase(6)
 * console.log(`${phrase} (${Math.floor(entropyBits)} bits)`)
 * ```
 */
export function passphrase(words = leastWords, options: PassphraseOptions = {}): Passphrase {
  const { separator = ' ', acceptWeak = false } = options
  const least = acceptWeak === true ? 1 : leastWords
  if (!Number.isInteger(words) || words < least || words > mostWords) {
    throw invalid(`"words" must be ${least} to ${mostWords} (less than 5 with acceptWeak: true), it is ${shown(words)}`)
  }
  if (typeof separator !== 'string' || !/^[^\p{L}\p{Cs}-]{1,8}$/u.test(separator)) {
    throw invalid(`"separator" must be 1 to 8 characters, no letters and no hyphen, it is ${shown(separator)}`)
  }
  const drawn = Array.from({ length: words }, () => wordAt(randomInteger(wordCount)))
  return { phrase: drawn.join(separator), entropyBits: words * Math.log2(wordCount) }
}

function invalid(complaint: string): ConfigurationError {
  return new ConfigurationError('invalid-option', `passphrase: ${complaint}`)
}
