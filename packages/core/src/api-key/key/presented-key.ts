import { isPromise } from '../../deadline.js'
import type { Awaitable } from '../../guard.js'
import type { KeyRecord, KeySource } from '../store.js'
import type { KeyHasher } from './digest.js'
import { type ParsedKey, parseKey } from './grammar.js'
import type { LegacyRecogniser } from './legacy-recogniser.js'

/** A key that somebody presents: how its record is found, and whether it is the record's. */
export interface PresentedKey {
  /** What the key itself says of its record; a foreign key says nothing. */
  readonly parsed: ParsedKey | undefined
  /** The record that it names; one read. */
  find(records: KeySource): Awaitable<KeyRecord | null | undefined>
  /**
   * Whether the key is the record's, in constant time. Without a record the work is the same and the answer `false`.
   *
   * @throws StoreError where the record cannot be judged.
   */
  isProvenBy(record: KeyRecord | null | undefined): Awaitable<boolean>
  /** What a record that it has proven is to be found by from now on; `null`: by its id alone. */
  lookupOf(record: KeyRecord): string | null
}

/**
 * Tells keys apart: one of our shape is one of ours, whatever else it looks like; else a legacy key, if it is recognised.
 * `undefined`: no key at all, at the cost of neither a hash nor a read.
 */
export function keyIdentifier(
  prefixes: readonly string[],
  hasher: KeyHasher,
  legacy: LegacyRecogniser,
): (key: string) => PresentedKey | undefined {
  return (key) => {
    if (typeof key !== 'string') return undefined
    const parsed = parseKey(key, prefixes)
    if (parsed !== undefined) return new OwnKey(key, parsed, hasher)
    const identities = legacy.identities(key)
    return identities.length === 0 ? undefined : new ForeignKey(key, identities, hasher, legacy)
  }
}

class OwnKey implements PresentedKey {
  readonly #key: string
  readonly parsed: ParsedKey
  readonly #hasher: KeyHasher

  constructor(key: string, parsed: ParsedKey, hasher: KeyHasher) {
    this.#key = key
    this.parsed = parsed
    this.#hasher = hasher
  }

  find(records: KeySource): Awaitable<KeyRecord | null | undefined> {
    return records.find(this.parsed.id)
  }

  isProvenBy(record: KeyRecord | null | undefined): boolean {
    return this.#hasher.matches(this.#key, record)
  }

  lookupOf(): null {
    return null
  }
}

class ForeignKey implements PresentedKey {
  readonly #key: string
  readonly parsed = undefined
  readonly #hasher: KeyHasher
  readonly #legacy: LegacyRecogniser
  readonly #lookups: readonly (readonly string[])[]

  constructor(key: string, identities: readonly string[], hasher: KeyHasher, legacy: LegacyRecogniser) {
    this.#key = key
    this.#hasher = hasher
    this.#legacy = legacy
    this.#lookups = identities.map((identity) => hasher.lookups(identity))
  }

  find(records: KeySource): Awaitable<KeyRecord | undefined> {
    return records.findByLookup(this.#lookups.flat())
  }

  isProvenBy(record: KeyRecord | null | undefined): Awaitable<boolean> {
    if (record?.algorithm?.startsWith('custom:')) {
      return isTrue(this.#legacy.verifierOf(record.algorithm).verify(this.#key, record.digest))
    }
    if (this.#hasher.matches(this.#key, record)) return true
    // A hash of the application's own may be slow: that it was not compared must not show.
    const verifier = this.#legacy.verifierFor(this.#key)
    const answer = verifier?.verify(this.#key, verifier.decoy)
    return isPromise(answer) ? answer.then(() => false) : false
  }

  lookupOf(record: KeyRecord): string | null {
    const now = this.#lookups.find((lookups) => lookups.includes(record.lookup ?? ''))?.[0]
    return now ?? record.lookup
  }
}

function isTrue(answer: Awaitable<boolean>): Awaitable<boolean> {
  return isPromise(answer) ? answer.then((late) => late === true) : answer === true
}
