import { displayKey, isPrefix, keyPatterns, longestKey, parseKey } from '../key/grammar.js'
import { type KeyPrefixes, readPrefixes } from './key-prefixes.js'

/** Something with the shape of a key. Nothing of its secret is in here. */
export interface FoundKey {
  /** Where it begins, in UTF-16 units from the beginning of the text. */
  readonly index: number
  readonly length: number
  readonly prefix: string
  readonly environment: string
  readonly keyId: string
  /** How the key is shown: `acme_live_<id>_…`. */
  readonly display: string
  /** Whether its checksum is right: of what was never a key, one in four billion. Whether it is valid, only the store knows. */
  readonly isGenuine: boolean
}

/** What a scanner looks for. */
export interface KeyScannerOptions {
  /** What keys can begin with; or `'any'`: whatever stands there, where the checksum, which covers it, is right. */
  readonly prefixes: KeyPrefixes['prefixes'] | 'any'
}

/** Finds keys in one text. */
export interface KeyScanner {
  /** Keys that end in this piece of the text; pieces are given in order, and may be cut anywhere. */
  scan(piece: string): FoundKey[]
}

/**
 * A scanner for one text of whatever size: it remembers the end of the piece before, less than a key, and nothing else.
 *
 * @example
 * ```ts
 * import { keyScanner } from '@latchkey/core'
 *
 * export async function hasLeak(pieces: AsyncIterable<string>): Promise<boolean> {
 *   const scanner = keyScanner({ prefixes: ['acme'] })
 *   for await (const piece of pieces) {
 *     if (scanner.scan(piece).some(({ isGenuine }) => isGenuine)) return true
 *   }
 *   return false
 * }
 * ```
 *
 * @throws ConfigurationError where a prefix is not valid.
 */
export function keyScanner(keys: KeyScannerOptions): KeyScanner {
  const prefixes = keys?.prefixes === 'any' ? 'any' : readPrefixes('keyScanner', keys as KeyPrefixes)
  const { environment, id, secret } = keyPatterns
  // As in the redactor, only the secret is consumed: a candidate that is none hides no key behind it.
  const secrets = new RegExp(`(?<=_(${environment})_(${id})_)${secret}`, 'g')
  let kept = ''
  let keptAt = 0
  return {
    scan: (piece) => {
      const text = kept + piece
      const found: FoundKey[] = []
      for (const match of text.matchAll(secrets)) {
        const end = match.index + match[0].length
        if (end <= kept.length) continue
        const [, environment, keyId] = match as unknown as readonly [string, string, string]
        const head = match.index - `_${environment}_${keyId}_`.length
        const key = keyAt(text, head, end, prefixes)
        if (key === undefined) continue
        const { prefix, isGenuine } = key
        const display = displayKey({ prefix, environment, id: keyId })
        const start = head - prefix.length
        found.push({ index: keptAt + start, length: end - start, prefix, environment, keyId, display, isGenuine })
      }
      kept = text.slice(1 - longestKey)
      keptAt += text.length - kept.length
      return found
    },
  }
}

/** Where one prefix ends with another, the checksum tells which of them it is; else the longest counts. */
function keyAt(
  text: string,
  head: number,
  end: number,
  prefixes: readonly string[] | 'any',
): Pick<FoundKey, 'prefix' | 'isGenuine'> | undefined {
  const here =
    prefixes === 'any'
      ? prefixesBefore(text, head)
      : prefixes.filter((prefix) => text.startsWith(prefix, head - prefix.length) && head >= prefix.length)
  const genuine = here.find((prefix) => parseKey(text.slice(head - prefix.length, end), [prefix]) !== undefined)
  const prefix = genuine ?? (prefixes === 'any' ? undefined : here[0])
  return prefix === undefined ? undefined : { prefix, isGenuine: genuine !== undefined }
}

/** Every end of what stands there that can be a prefix, the longest first. */
function prefixesBefore(text: string, head: number): readonly string[] {
  const [run = ''] = /[a-z0-9_]*$/.exec(text.slice(Math.max(0, head - 20), head)) ?? []
  return Array.from(run, (_, at) => run.slice(at)).filter(isPrefix)
}
