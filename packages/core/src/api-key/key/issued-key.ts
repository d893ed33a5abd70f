import { keyRecord } from '../key-record.js'
import type { ChosenColumns } from '../lifecycle/new-api-key.js'
import type { KeyDigest, KeyRecord } from '../store.js'
import { type ApiKeyInfo, apiKeyInfo } from './api-key-info.js'

/** A new key. */
export interface IssuedApiKey {
  /**
   * The key itself, this once: the store has its digest alone. The property is not enumerable, so that logging or
   * serialising the whole object does not show it; read it by name.
   */
  readonly key: string
  readonly info: ApiKeyInfo
}

/** A getter: not even an inspection of hidden properties (`%o`) shows what it answers. */
export function issuedKey(key: string, record: KeyRecord): IssuedApiKey {
  return Object.defineProperty({ info: apiKeyInfo(record) } as IssuedApiKey, 'key', { get: () => key })
}

/** The record of a key that begins its life; `own` is what tells it from any other. */
export function newRecord(
  own: KeyDigest & Pick<KeyRecord, 'id' | 'lookup' | 'prefix'>,
  chosen: ChosenColumns,
  createdAtMs: number,
): KeyRecord {
  const columns = {
    id: own.id,
    lookup: own.lookup,
    prefix: own.prefix,
    algorithm: own.algorithm,
    pepperId: own.pepperId,
    digest: own.digest,
    ownerId: chosen.ownerId,
    environment: chosen.environment,
    name: chosen.name,
    scopes: chosen.scopes,
    metadata: chosen.metadata,
    allowedIps: chosen.allowedIps,
    rateLimit: chosen.rateLimit,
    expiresAtMs: chosen.expiresAtMs,
    idleSeconds: chosen.idleSeconds,
    meterId: own.id,
    createdAtMs,
    lastUsedAtMs: null,
    rotatedTo: null,
    rotatedFrom: null,
    graceOnUseSeconds: null,
    disabledAtMs: null,
    revokedAtMs: null,
    revocationReason: null,
  }
  return keyRecord(columns, chosen.quota)
}
