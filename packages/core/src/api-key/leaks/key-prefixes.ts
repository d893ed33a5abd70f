import { ConfigurationError } from '../../errors.js'
import { isPrefix } from '../key/grammar.js'

/** What keys can begin with. What `apiKeys()` made is one of these. */
export interface KeyPrefixes {
  /** Each 2 to 20 of `[a-z0-9_]`, starting with a letter, without `_` at the end or twice in a row. */
  readonly prefixes: readonly string[]
}

/**
 * The prefixes, each once, the longest first.
 *
 * @param factory for the message.
 * @throws ConfigurationError where there is none, or one that no key can have.
 */
export function readPrefixes(factory: string, keys: KeyPrefixes): readonly string[] {
  const prefixes: unknown = (keys as Partial<KeyPrefixes> | null | undefined)?.prefixes
  if (Array.isArray(prefixes) && prefixes.length > 0 && Array.from(prefixes).every(isPrefix)) {
    return [...new Set<string>(prefixes)].sort((a, b) => b.length - a.length)
  }
  throw new ConfigurationError(
    'invalid-option',
    `${factory}: "prefixes" must be a list of at least one prefix of keys, or pass what apiKeys() made`,
  )
}
