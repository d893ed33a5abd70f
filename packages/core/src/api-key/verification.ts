import { displayKey, isEnvironment, isKeyId, type ParsedKey } from './grammar.js'
import { isGranted, isScope } from './scopes.js'
import type { KeyRecord } from './store.js'

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
 * Why a key is not valid. The first three say that nothing is proven, and no client should learn which of them it is;
 * `corrupt`: the secret is right, and the record cannot be read.
 */
export type InvalidKeyReason = 'malformed' | 'unknown' | 'wrong-secret' | 'corrupt' | 'revoked' | 'disabled' | 'expired'

/** What a key turned out to be. */
export type Verification<Scope extends string = string> =
  | { readonly isValid: true; readonly grant: ApiKeyGrant<Scope> }
  /** `keyId`: the id that the key names, where it is well formed; of a foreign key that of the record that it found. */
  | { readonly isValid: false; readonly reason: InvalidKeyReason; readonly keyId?: string }

/** The answer to whatever is no key: made once, so that refusing it costs nothing. */
export const malformed: Verification<never> = { isValid: false, reason: 'malformed' }

/**
 * Judges a key by the one record that was found for it, in the order: secret, revoked, disabled, expired.
 *
 * @param isRight whether it is the record's.
 * @param parsed what the key itself says; a foreign key says nothing.
 */
export function judge<Scope extends string>(
  isRight: boolean,
  parsed: ParsedKey | undefined,
  record: KeyRecord | null | undefined,
  nowMs: number,
): Verification<Scope> {
  const keyId = parsed?.id ?? record?.id
  const named = keyId !== undefined && { keyId }
  if (!record) return { isValid: false, reason: 'unknown', ...named }
  const reason = isRight ? complaint(record, parsed, nowMs) : 'wrong-secret'
  return reason === undefined ? { isValid: true, grant: grantOf(record) } : { isValid: false, reason, ...named }
}

/** What stands against a key whose secret is right. Whatever a column should not hold counts against it. */
function complaint(record: KeyRecord, parsed: ParsedKey | undefined, nowMs: number): InvalidKeyReason | undefined {
  if (!isReadable(record, parsed)) return 'corrupt'
  if (record.revokedAtMs !== null) return 'revoked'
  if (record.disabledAtMs !== null) return 'disabled'
  return record.expiresAtMs === null || isAhead(record.expiresAtMs, nowMs) ? undefined : 'expired'
}

function isAhead(timeMs: unknown, nowMs: number): boolean {
  return Number.isFinite(timeMs) && nowMs < (timeMs as number)
}

/** The columns that a grant is made of. The environment stands in a key of ours, too, and the digest covers it. */
function isReadable(record: KeyRecord, parsed: ParsedKey | undefined): boolean {
  const { id, environment } = parsed ?? record
  return (
    record.id === id &&
    record.environment === environment &&
    isKeyId(id) &&
    isEnvironment(environment) &&
    typeof record.ownerId === 'string' &&
    record.ownerId !== '' &&
    Array.isArray(record.scopes) &&
    record.scopes.every((scope) => typeof scope === 'string') &&
    typeof record.metadata === 'object' &&
    record.metadata !== null
  )
}

function grantOf<Scope extends string>(record: KeyRecord): ApiKeyGrant<Scope> {
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
