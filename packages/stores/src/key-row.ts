import { type KeyChanges, type KeyRecord, type Quota, StoreError } from '@latchkey/core'
import { storedText, textFrom } from './stored-text.js'

/** What a column holds. `null` is itself in each. */
type Kind = 'text' | 'json' | 'number'

type SqlValue = string | number | null

/**
 * The table `latchkey_keys`, the same in every SQL database, in the order of its columns there. The quota is not among them: it is the
 * meter's, in a table of its own.
 */
const fields: ReadonlyArray<readonly [field: Exclude<keyof KeyRecord, 'quota'>, column: string, kind: Kind]> = [
  ['id', 'id', 'text'],
  ['prefix', 'prefix', 'text'],
  ['environment', 'environment', 'text'],
  ['algorithm', 'algorithm', 'text'],
  ['pepperId', 'pepper_id', 'text'],
  ['digest', 'digest', 'text'],
  ['name', 'name', 'text'],
  ['ownerId', 'owner_id', 'text'],
  ['scopes', 'scopes', 'json'],
  ['metadata', 'metadata', 'json'],
  ['createdAtMs', 'created_at_ms', 'number'],
  ['expiresAtMs', 'expires_at_ms', 'number'],
  ['disabledAtMs', 'disabled_at_ms', 'number'],
  ['revokedAtMs', 'revoked_at_ms', 'number'],
  ['revocationReason', 'revocation_reason', 'text'],
  ['lookup', 'lookup', 'text'],
  ['allowedIps', 'allowed_ips', 'json'],
  ['rateLimit', 'rate_limit', 'json'],
  ['idleSeconds', 'idle_seconds', 'number'],
  ['lastUsedAtMs', 'last_used_at_ms', 'number'],
  ['rotatedTo', 'rotated_to', 'text'],
  ['rotatedFrom', 'rotated_from', 'text'],
  ['graceOnUseSeconds', 'grace_on_use_seconds', 'number'],
  ['meterId', 'meter_id', 'text'],
]

/** In the order of {@link keyValues}. */
export const keyColumns: readonly string[] = fields.map(([, column]) => column)

/** Of the table `latchkey_quotas`, in the order of {@link quotaValues}; beside them stands the `meter_id`. */
export const quotaColumns: readonly string[] = ['remaining', 'amount', 'every_seconds', 'refill_at_ms']

/** A key's columns. */
export function keyValues(record: KeyRecord): SqlValue[] {
  return fields.map(([field, , kind]) => stored(record[field], kind))
}

/** Four times `null` where there is no quota. */
export function quotaValues(quota: Quota | null): (number | null)[] {
  if (quota === null) return quotaColumns.map(() => null)
  return [quota.remaining, quota.refill?.amount ?? null, quota.refill?.everySeconds ?? null, quota.refillAtMs]
}

/** The columns that a change by hand names, with what is to stand there; the quota is not among them. */
export function changedColumns(changes: KeyChanges): [column: string, value: SqlValue][] {
  return fields.flatMap(([field, column, kind]) => {
    const value = (changes as Partial<KeyRecord>)[field]
    return value === undefined ? [] : [[column, stored(value, kind)]]
  })
}

/**
 * The key that the columns hold: those of {@link keyColumns}, and then those of {@link quotaColumns}.
 *
 * @throws StoreError `corrupt` where they hold none.
 */
export function keyRecord(row: readonly unknown[]): KeyRecord {
  try {
    const entries = fields.map(([field, , kind], index) => [field, given(row[index], kind)])
    return { ...Object.fromEntries(entries), quota: quotaFrom(row.slice(fields.length)) } as KeyRecord
  } catch (error) {
    throw new StoreError('corrupt', 'An API key in the database cannot be read', { cause: error })
  }
}

/** The quota that the columns of {@link quotaColumns} hold. */
export function quotaFrom(columns: readonly unknown[]): Quota | null {
  const [remaining, amount, everySeconds, refillAtMs] = columns.map(nullableNumber)
  if (remaining == null) return null
  const refill = amount == null || everySeconds == null ? null : { amount, everySeconds }
  return { remaining, refill, refillAtMs: refillAtMs ?? null }
}

/** A text that may be absent, as it is stored. */
export function nullableText(value: string | null): string | null {
  return value === null ? null : storedText(value)
}

/**
 * What SQL looks for in names, those in another spelling excepted, which it lets through for {@link isNamed}; `null`: it lets all through.
 */
export function searchableText(nameContains: string | undefined): string | null {
  return nameContains !== undefined && storedText(nameContains) === nameContains ? nameContains : null
}

/** Whether the text stands in the key's name; `undefined` stands in every one. */
export function isNamed({ name }: KeyRecord, nameContains: string | undefined): boolean {
  return nameContains === undefined || name?.includes(nameContains) === true
}

export function nullableNumber(column: unknown): number | null {
  return column === null || column === undefined ? null : Number(column)
}

function stored(value: unknown, kind: Kind): SqlValue {
  if (value === null) return null
  if (kind === 'number') return value as number
  return kind === 'text' ? storedText(value as string) : JSON.stringify(value)
}

function given(column: unknown, kind: Kind): unknown {
  if (column === null) return null
  if (kind === 'number') return Number(column)
  return kind === 'text' ? textFrom(column as string) : JSON.parse(column as string)
}
