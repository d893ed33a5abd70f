import { base64url } from '../../bytes.js'
import { digest } from '../../crypto.js'
import { ConfigurationError, StoreError } from '../../errors.js'
import type { KeyHasher } from './digest.js'
import { digestIdentity, type ForeignAlgorithm, verifierIdentity } from './foreign-hash.js'
import { maxLength } from './grammar.js'
import { isVerifier, type LegacyKeys, type LegacyVerifier } from './legacy-keys.js'

/** The legacy keys that are configured. */
export interface LegacyRecogniser {
  /** The identities that a key can have been imported under; none: it is no legacy key. */
  identities(key: string): readonly string[]
  isLegacy(text: string): boolean
  /** Whether imported keys of this kind can be presented: a digest, or the verifier of this name. */
  covers(algorithm: string): boolean
  /** @throws StoreError where no verifier has this name any more: the row cannot be judged. */
  verifierOf(algorithm: string): LegacyVerifier
  /** The verifier that a key which is not right is held against, if one recognises it. */
  verifierFor(key: string): LegacyVerifier | undefined
}

const algorithms: readonly ForeignAlgorithm[] = ['sha256', 'sha512']
/** So many a store looks up in one read. */
const mostLookups = 16
const mostLookupIdCharacters = 200

/** @throws ConfigurationError where the lookups of one key can be more than a store takes in one read. */
export function legacyRecogniser(legacy: readonly LegacyKeys[], hasher: KeyHasher): LegacyRecogniser {
  const kinds = legacy.map((kind) => ({ kind, pattern: statelessly(kind.pattern) }))
  const verifiers = new Map(legacy.filter(isVerifier).map((kind) => [`custom:${kind.name}`, kind]))
  const hasDigests = legacy.some((kind) => !isVerifier(kind))
  const most = hasher.lookups('').length * (verifiers.size + (hasDigests ? algorithms.length : 0))
  if (most > mostLookups) {
    throw new ConfigurationError(
      'invalid-option',
      `apiKeys: "legacy" and "peppers" together make ${most} lookups for one key, and ${mostLookups} is the most: drop a pepper that no row names, or a verifier`,
    )
  }
  const matching = (key: string): LegacyKeys[] =>
    key.length > maxLength ? [] : kinds.filter(({ pattern }) => pattern.test(key)).map(({ kind }) => kind)
  const lookupId = (kind: LegacyVerifier, key: string): string | undefined => {
    const id = kind.lookupId(key)
    return isLookupId(id) ? id : undefined
  }
  return {
    identities: (key) => {
      const found = matching(key)
      const custom = found.filter(isVerifier).flatMap((kind) => {
        const id = lookupId(kind, key)
        return id === undefined ? [] : [verifierIdentity(kind.name, id)]
      })
      if (found.every(isVerifier)) return custom
      return [...algorithms.map((name) => digestIdentity(name, base64url(digest(name, key)))), ...custom]
    },
    isLegacy: (text) => matching(text).length > 0,
    covers: (algorithm) => verifiers.has(algorithm) || (hasDigests && algorithms.some((name) => name === algorithm)),
    verifierOf: (algorithm) => {
      const verifier = verifiers.get(algorithm)
      if (verifier) return verifier
      throw new StoreError('unavailable', 'The legacy verifier that a stored key names is not configured')
    },
    verifierFor: (key) =>
      matching(key).find((kind) => isVerifier(kind) && lookupId(kind, key) !== undefined) as LegacyVerifier | undefined,
  }
}

/** What a verifier's row is found by. */
export function isLookupId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= mostLookupIdCharacters && /^[^\p{Cc}\p{Cs}]+$/u.test(value)
}

/** With the flags `g` or `y` a pattern would remember where its last match ended. */
function statelessly({ source, flags }: RegExp): RegExp {
  return new RegExp(source, flags.replaceAll(/[gy]/g, ''))
}
