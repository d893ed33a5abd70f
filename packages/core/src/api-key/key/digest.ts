import { utf8 } from '../../bytes.js'
import { digestText, EqualTexts, TextHmac } from '../../crypto.js'
import { ConfigurationError, StoreError } from '../../errors.js'
import { shown } from '../../option-reader.js'
import type { KeyDigest } from '../store.js'

/** Secrets under which keys are hashed, each with a name that the row of a key keeps. */
export interface Peppers {
  /** Name of the one for new keys. */
  readonly current: string
  /**
   * All of them by name (1 to 64 of `[0-9A-Za-z_.-]`), at least 32 bytes each; a text counts as its UTF-8 bytes. One that
   * some row still names has to stay: without it the keys of those rows are answered with 503.
   */
  readonly secrets: Readonly<Record<string, Uint8Array | string | undefined>>
}

/** Hashes keys and compares them with what is stored. */
export interface KeyHasher {
  /** The digest of a key as it is stored now. */
  hash(key: string): KeyDigest
  /**
   * Whether the key is the row's, in constant time. Without a row the work is the same and the answer `false`.
   *
   * @throws StoreError where the row cannot be judged: its pepper is not configured, or its algorithm is of another version.
   */
  matches(key: string, row: KeyDigest | null | undefined): boolean
  /** Whether a row is as {@link KeyHasher.hash} would make it now. */
  isCurrent(row: KeyDigest): boolean
  /**
   * What a foreign key may be found by, given the text that identifies it: under the current pepper first, under each other, and
   * as it was before there was one.
   */
  lookups(identity: string): readonly string[]
}

const leastPepperBytes = 32

/** A digest that no key has: what is compared where there is no row. */
const decoyDigest = 'A'.repeat(43)

/**
 * SHA-256, or HMAC-SHA-256 under the current pepper. A key has 256 random bits: a slow hash would protect nothing and cost
 * every request (NIST SP 800-63B section 5.1.2.2 asks for one where a secret has fewer than 112).
 *
 * @throws ConfigurationError where a pepper is too short or the current one is missing.
 */
export function keyHasher(peppers: Peppers | undefined): KeyHasher {
  const secrets = readPeppers(peppers)
  const pepperId = peppers?.current ?? null
  const algorithm = pepperId === null ? 'sha256' : 'hmac-sha256'
  const decoy = { algorithm, pepperId, digest: decoyDigest }
  const names = pepperId === null ? [] : [...new Set([pepperId, ...secrets.keys()])]
  const short = new EqualTexts(43)
  const long = new EqualTexts(86)
  return {
    hash: (key) => ({ algorithm, pepperId, digest: digestOf(key, decoy, secrets) }),
    matches: (key, row) => {
      const judged = row ?? decoy
      const { digest } = judged
      const own = digestOf(key, judged, secrets)
      if (typeof digest !== 'string') return false
      const isSame = (judged.algorithm === 'sha512' ? long : short).areSame(own, digest)
      return isSame && Boolean(row)
    },
    isCurrent: (row) => row.algorithm === algorithm && row.pepperId === pepperId,
    lookups: (identity) => {
      const peppered = names.map((name) => {
        return `${name}:${secrets.get(name)!.digest(`latchkey lookup ${identity}`, 'base64url')}`
      })
      return [...peppered, identity]
    },
  }
}

type Secrets = ReadonlyMap<string, TextHmac>

/** In base64url, as it is stored. */
function digestOf(key: string, { algorithm, pepperId }: KeyDigest, secrets: Secrets): string {
  if (algorithm === 'sha256' || algorithm === 'sha512') return digestText(algorithm, key, 'base64url')
  if (algorithm !== 'hmac-sha256') throw new StoreError('unavailable', 'A stored key has an unknown digest algorithm')
  const secret = secrets.get(pepperId ?? '')
  if (secret === undefined) throw new StoreError('unavailable', 'The pepper that a stored key names is not configured')
  return secret.digest(key, 'base64url')
}

function readPeppers(peppers: Peppers | undefined): Secrets {
  const read = new Map<string, TextHmac>()
  if (peppers === undefined) return read
  const { current, secrets } = peppers
  if (typeof secrets !== 'object' || secrets === null) throw invalid('"peppers.secrets" must be an object')
  for (const [name, value] of Object.entries(secrets)) {
    if (!/^[0-9A-Za-z_.-]{1,64}$/.test(name)) throw invalid(`the name of a pepper is not valid: ${shown(name)}`)
    if (value === undefined) continue
    const bytes = typeof value === 'string' ? utf8(value) : value
    if (!ArrayBuffer.isView(bytes) || bytes.length < leastPepperBytes) {
      throw invalid(`the pepper ${shown(name)} must be at least ${leastPepperBytes} bytes or a text of as many`)
    }
    // It copies: what the application does with its own bytes later must not change which keys are right.
    read.set(name, new TextHmac(bytes))
  }
  if (!read.has(current)) throw invalid(`"peppers.current" names ${shown(current)}, and there is no such pepper`)
  return read
}

function invalid(complaint: string): ConfigurationError {
  return new ConfigurationError('invalid-option', `apiKeys: ${complaint}`)
}
