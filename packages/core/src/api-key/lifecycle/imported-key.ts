import { OptionReader } from '../../option-reader.js'
import { digestIdentity, type ForeignAlgorithm, readForeignDigest, verifierIdentity } from '../key/foreign-hash.js'
import { isLookupId, type LegacyRecogniser } from '../key/legacy-recogniser.js'
import type { KeyDigest } from '../store.js'
import { type ChosenColumns, type NewApiKey, type NewKeyRules, newKeyNames, readColumns } from './new-api-key.js'

/** A key of an earlier system, of which a hash is there and not the key: what a new key has, and its hash. */
export interface ImportedApiKey<Scope extends string = string> extends NewApiKey<Scope> {
  /** `sha256` or `sha512` of the whole key, or `custom:` and the name of a verifier in `legacy`. */
  readonly algorithm: ForeignAlgorithm | `custom:${string}`
  /** In hexadecimal, base64 or base64url; of a custom verifier whatever it reads, up to 1,024 characters. */
  readonly digest: string
  /** What the verifier's `lookupId` finds in the key, 1 to 200 characters; for a custom verifier only. */
  readonly lookupId?: string
}

/** A row that was read. */
export interface ReadRow {
  readonly chosen: ChosenColumns
  readonly hash: KeyDigest
  /** What the key is found by. */
  readonly identity: string
}

const rowNames = [...newKeyNames, 'algorithm', 'digest', 'lookupId'] as const

/** @throws ConfigurationError naming what does not fit. */
export function readRow(row: ImportedApiKey, rules: NewKeyRules, legacy: LegacyRecogniser, nowMs: number): ReadRow {
  const read = new OptionReader('import', row, rowNames)
  const covered = 'sha256, sha512 or custom:<name>, where "legacy" of apiKeys recognises such keys'
  const isCovered = (value: unknown): value is string => typeof value === 'string' && legacy.covers(value)
  const algorithm = read.required('algorithm', covered, isCovered)
  const { digest, identity } = algorithm.startsWith('custom:')
    ? readCustom(read, algorithm)
    : readPlain(read, algorithm)
  return { chosen: readColumns(read, rules, nowMs), hash: { algorithm, pepperId: null, digest }, identity }
}

interface Read {
  readonly digest: string
  readonly identity: string
}

function readPlain(read: OptionReader<ImportedApiKey>, algorithm: string): Read {
  const own = algorithm as ForeignAlgorithm
  const rule = `a ${own} digest in hexadecimal, base64 or base64url`
  const text = read.required('digest', rule, (value): value is string => readForeignDigest(own, value) !== undefined)
  read.optional('lookupId', 'absent: a digest is its own', (value): value is undefined => value === undefined)
  const digest = readForeignDigest(own, text)!
  return { digest, identity: digestIdentity(own, digest) }
}

function readCustom(read: OptionReader<ImportedApiKey>, algorithm: string): Read {
  const digest = read.required('digest', 'a text of 1 to 1024 characters', isHashText)
  const lookupId = read.required('lookupId', 'a text of 1 to 200 characters', isLookupId)
  return { digest, identity: verifierIdentity(algorithm.slice('custom:'.length), lookupId) }
}

function isHashText(value: unknown): value is string {
  return typeof value === 'string' && /^[^\p{Cc}\p{Cs}]{1,1024}$/u.test(value)
}
