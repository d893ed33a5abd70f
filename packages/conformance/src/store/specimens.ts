import { randomBytes } from 'node:crypto'
import type { ClaimRequest, KeyRecord, Successor, TokenRecord } from '@latchkey/core'

/** As a digest arrives at a store: 43 base64url characters. */
export function digest(): string {
  return randomBytes(32).toString('base64url')
}

/** As a claimant's token arrives: 22 base64url characters. */
export function newToken(): string {
  return randomBytes(16).toString('base64url')
}

/** A claim on a key that nobody has used: a lease of 10 s, a ttl of 30 s, lapsed records taken over. */
export function newRequest(changes: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    id: digest(),
    scope: digest(),
    fingerprint: digest(),
    token: newToken(),
    leaseSeconds: 10,
    ttlSeconds: 30,
    takeOver: true,
    ...changes,
  }
}

/** The same request, sent again: it meets another claimant's record. */
export function retryOf(request: ClaimRequest, changes: Partial<ClaimRequest> = {}): ClaimRequest {
  return { ...request, token: newToken(), ...changes }
}

/** Another request under the same key. */
export function otherOf(request: ClaimRequest): ClaimRequest {
  return retryOf(request, { fingerprint: digest() })
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** As many as asked, made by `make`, all at once. */
export function atOnce<Answer>(count: number, make: (index: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)))
}

/** An API key at rest, of some owner; nothing limits it, and it has a meter of its own. */
export function newKey(changes: Partial<KeyRecord> = {}): KeyRecord {
  const id = changes.id ?? randomBytes(6).toString('hex')
  return {
    id,
    lookup: null,
    prefix: 'acme',
    environment: 'live',
    algorithm: 'sha256',
    pepperId: null,
    digest: digest(),
    name: 'a key',
    ownerId: 'alice',
    scopes: ['payments:read', 'payments:write'],
    metadata: { plan: 'gold', seats: 3, nested: { list: [1, null, 'two'] } },
    allowedIps: null,
    rateLimit: null,
    quota: null,
    meterId: id,
    createdAtMs: 1_790_000_000_123,
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

/** What a key gets that takes the place of another, an hour after {@link newKey}. */
export function newSuccessor(changes: Partial<Successor> = {}): Successor {
  return {
    id: randomBytes(6).toString('hex'),
    prefix: 'acme2',
    algorithm: 'hmac-sha256',
    pepperId: '2026',
    digest: digest(),
    createdAtMs: 1_790_003_600_123,
    expiresAtMs: 1_800_000_000_000,
    graceOnUseSeconds: null,
    ...changes,
  }
}

/** A one-time token at rest, alice's, for a new password. */
export function newTokenRecord(changes: Partial<TokenRecord> = {}): TokenRecord {
  return { id: digest(), subject: 'alice', purpose: 'password-reset', data: '{}', ...changes }
}
