import type { KeyRecord } from '../api-key/store.js'

/** A key without its quota, which is the meter's: most have none, and their rows are whole records. */
export type KeyRow = Omit<KeyRecord, 'quota'> & { readonly quota: null }

/**
 * A frozen row with these columns. Written out, so that all rows have one hidden class: V8 gives each object that a spread extends
 * one of its own, which takes more memory than the row, and every read of a column is then a search.
 */
export function keyRow(columns: Omit<KeyRecord, 'quota'>): KeyRow {
  return Object.freeze({
    id: columns.id,
    lookup: columns.lookup,
    prefix: columns.prefix,
    environment: columns.environment,
    algorithm: columns.algorithm,
    pepperId: columns.pepperId,
    digest: columns.digest,
    name: columns.name,
    ownerId: columns.ownerId,
    scopes: columns.scopes,
    metadata: columns.metadata,
    allowedIps: columns.allowedIps,
    rateLimit: columns.rateLimit,
    quota: null,
    meterId: columns.meterId,
    createdAtMs: columns.createdAtMs,
    expiresAtMs: columns.expiresAtMs,
    idleSeconds: columns.idleSeconds,
    lastUsedAtMs: columns.lastUsedAtMs,
    rotatedTo: columns.rotatedTo,
    rotatedFrom: columns.rotatedFrom,
    graceOnUseSeconds: columns.graceOnUseSeconds,
    disabledAtMs: columns.disabledAtMs,
    revokedAtMs: columns.revokedAtMs,
    revocationReason: columns.revocationReason,
  })
}

/** A whole record: the row with its meter's quota. */
export function wholeKey(row: KeyRow, quota: NonNullable<KeyRecord['quota']>): KeyRecord {
  return Object.freeze({ ...row, quota })
}
