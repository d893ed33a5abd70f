import { ConfigurationError } from '../../errors.js'
import type { Awaitable } from '../../guard.js'
import { shown } from '../../option-reader.js'

/** Foreign keys of which SHA-256 or SHA-512 digests were imported. */
export interface LegacyDigests {
  /** 1 to 32 of `[a-z0-9-]`. */
  readonly name: string
  /** What such keys look like; asked of credentials of at most 256 characters. */
  readonly pattern: RegExp
}

/** Foreign keys whose imported hashes only the application can verify: bcrypt, scrypt, an HMAC of its own. */
export interface LegacyVerifier extends LegacyDigests {
  /** The part of a key by which its row is found, the one that was imported as `lookupId`; `undefined`: it is no such key. */
  lookupId(key: string): string | undefined
  /** Whether the key is the one of the imported hash, in constant time. Only `true` is. */
  verify(key: string, digest: string): Awaitable<boolean>
  /** A hash that no key has: verified where there is none, so that a miss takes as long. */
  readonly decoy: string
}

/** Keys of an earlier system: how they are told from any other credential. */
export type LegacyKeys = LegacyDigests | LegacyVerifier

/** @throws ConfigurationError naming what does not fit. */
export function readLegacy(value: readonly LegacyKeys[]): readonly LegacyKeys[] {
  for (const [at, kind] of Array.from(value).entries()) {
    const complain = (rule: string) =>
      new ConfigurationError('invalid-option', `apiKeys: "legacy" ${at}: ${rule}, it is ${shown(kind)}`)
    if (typeof kind !== 'object' || kind === null) throw complain('must be an object')
    const { name, pattern } = kind
    if (typeof name !== 'string' || !/^[a-z0-9-]{1,32}$/.test(name))
      throw complain('"name" must be 1 to 32 of [a-z0-9-]')
    if (Object.prototype.toString.call(pattern) !== '[object RegExp]') throw complain('"pattern" must be a RegExp')
    const unknown = Object.keys(kind).find((option) => !legacyNames.includes(option))
    if (unknown !== undefined) throw complain(`there is no option ${shown(unknown)}`)
    const own = ['lookupId', 'verify', 'decoy'].filter((option) => option in kind)
    if (own.length > 0 && !isWholeVerifier(kind)) {
      throw complain('a verifier must have "lookupId" and "verify", which are functions, and a text "decoy"')
    }
    if (value.some((other, index) => index < at && other.name === name)) throw complain(`${shown(name)} is there twice`)
  }
  return Object.freeze([...value])
}

const legacyNames = Object.freeze(['name', 'pattern', 'lookupId', 'verify', 'decoy'])

/** Whether such keys have a verifier of the application's own. */
export function isVerifier(kind: LegacyKeys): kind is LegacyVerifier {
  return 'verify' in kind
}

function isWholeVerifier(kind: LegacyKeys): boolean {
  const { lookupId, verify, decoy } = kind as Partial<LegacyVerifier>
  return typeof lookupId === 'function' && typeof verify === 'function' && typeof decoy === 'string'
}
