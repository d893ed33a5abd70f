import type { KeyRecord } from '@latchkey/core'

/** An API key of alice's, with nothing that is optional. */
export function plainKey(id: string, changes: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id,
    lookup: null,
    prefix: 'acme',
    environment: 'live',
    algorithm: 'sha256',
    pepperId: null,
    digest: 'digest',
    name: null,
    ownerId: 'alice',
    scopes: [],
    metadata: {},
    allowedIps: null,
    rateLimit: null,
    quota: null,
    meterId: id,
    createdAtMs: 1,
    expiresAtMs: null,
    idleSeconds: null,
    lastUsedAtMs: null,
    rotatedTo: null,
    rotatedFrom: null,
    graceOnUseSeconds: null,
    disabledAtMs: null,
    revokedAtMs: null,
    revocationReason: null,
    ...changes,
  }
}
