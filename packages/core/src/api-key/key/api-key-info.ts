import type { KeyRecord } from '../store.js'
import { displayKey } from './grammar.js'

/** What may be known about a key by those who manage it: everything at rest but its digests. Times are epoch milliseconds. */
export interface ApiKeyInfo extends Omit<KeyRecord, 'algorithm' | 'pepperId' | 'digest' | 'lookup'> {
  /** How the key is shown: `acme_live_<id>_…`; a foreign key as `live_<id>_…`. */
  readonly display: string
}

/** The record without what only verification needs. */
export function apiKeyInfo(record: KeyRecord): ApiKeyInfo {
  const { algorithm: _algorithm, pepperId: _pepperId, digest: _digest, lookup: _lookup, ...rest } = record
  return Object.assign(rest, { display: displayKey(record) })
}
