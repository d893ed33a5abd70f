import type { KeyRecord } from './store.js'

/**
 * A frozen record with these columns. Written out, so that all records have one hidden class: V8 gives each object that a spread
 * extends one of its own, which takes more time and memory than the record, and every read of a column is then a search.
 */
export function keyRecord<Quota extends KeyRecord['quota']>(
  columns: Omit<KeyRecord, 'quota'>,
  quota: Quota,
): KeyRecord & { readonly quota: Quota } {
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
    quota,
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
