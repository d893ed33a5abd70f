import { displayKey } from '../key/grammar.js'
import type { KeyLimit } from '../limits/key-meters.js'
import type { KeyRecord } from '../store.js'
import { isGranted, isScope } from './scopes.js'

/** What a verified key stands for. */
export interface ApiKeyGrant<Scope extends string = string> {
  /** The key's public id, safe to log. */
  readonly keyId: string
  /** Who is calling: what the key was issued for. */
  readonly ownerId: string
  readonly environment: string
  /** As granted, `*` included; ask {@link ApiKeyGrant.has} for a decision. */
  readonly scopes: readonly string[]
  readonly name: string | null
  readonly metadata: Readonly<Record<string, unknown>>
  /** How the key is shown: `acme_live_<id>_…`. */
  readonly display: string
  /** Whether the key is granted this scope. Nothing is granted to what is no scope, or holds a `*`. */
  has(scope: Scope): boolean
}

/**
 * Why a key is not let in, in the order in which it is found out. Up to `wrong-secret` nothing is proven, and no client should
 * learn which of them it is; from `corrupt` on the secret is right.
 */
export type InvalidKeyReason =
  | 'malformed'
  /** Its source has failed too often; the key was not looked at. */
  | 'too-many-failures'
  | 'unknown'
  | 'wrong-secret'
  /** The record cannot be read. */
  | 'corrupt'
  | 'revoked'
  | 'disabled'
  | 'owner-suspended'
  | 'expired'
  | 'idle'
  | 'environment-mismatch'
  | 'ip-not-allowed'
  | 'rate-limited'
  | 'insufficient-scope'
  | 'quota-exceeded'

/** A key that is not let in. */
export interface InvalidKey {
  readonly isValid: false
  readonly reason: InvalidKeyReason
  /** The id that the key names, where it is well formed; of a foreign key that of the record that it found. */
  readonly keyId?: string
  /** As far as this request was counted against them. */
  readonly limits?: readonly KeyLimit[]
  /** When it may be worth another try; absent: no time will help. */
  readonly retryAfterSeconds?: number
}

/** What a key turned out to be. */
export type Verification<Scope extends string = string> =
  | {
      readonly isValid: true
      readonly grant: ApiKeyGrant<Scope>
      /** Where the key's limits stand after this request; absent: it has none. */
      readonly limits?: readonly KeyLimit[]
    }
  | InvalidKey

/** The answer to whatever is no key: made once, so that refusing it costs nothing. */
export const malformed: InvalidKey = Object.freeze({ isValid: false, reason: 'malformed' })

/** What a key stands for that nothing stands against. */
export function grantOf<Scope extends string>(record: KeyRecord): ApiKeyGrant<Scope> {
  const { id, ownerId, environment, scopes, name, metadata } = record
  return {
    keyId: id,
    ownerId,
    environment,
    scopes,
    name,
    metadata,
    display: displayKey(record),
    has: (scope) => isScope(scope) && isGranted(scopes, scope),
  }
}
