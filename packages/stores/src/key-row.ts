import { type KeyRecord, StoreError } from '@latchkey/core'
import { storedText, textFrom } from './stored-text.js'

/** The columns of the table `latchkey_keys`, the same in every SQL database, in the order of {@link keyValues}. */
export const keyColumns = [
  ...['id', 'prefix', 'environment', 'algorithm', 'pepper_id', 'digest', 'name', 'owner_id', 'scopes', 'metadata'],
  ...['created_at_ms', 'expires_at_ms', 'disabled_at_ms', 'revoked_at_ms', 'revocation_reason'],
] as const

/** A key's columns. */
export function keyValues(record: KeyRecord): (string | number | null)[] {
  return [
    storedText(record.id),
    storedText(record.prefix),
    storedText(record.environment),
    storedText(record.algorithm),
    nullableText(record.pepperId),
    storedText(record.digest),
    nullableText(record.name),
    storedText(record.ownerId),
    JSON.stringify(record.scopes),
    JSON.stringify(record.metadata),
    record.createdAtMs,
    record.expiresAtMs,
    record.disabledAtMs,
    record.revokedAtMs,
    nullableText(record.revocationReason),
  ]
}

/**
 * The key that the columns hold.
 *
 * @throws StoreError `corrupt` where they hold none.
 */
export function keyRecord(row: readonly unknown[]): KeyRecord {
  try {
    return {
      id: textFrom(row[0] as string),
      prefix: textFrom(row[1] as string),
      environment: textFrom(row[2] as string),
      algorithm: textFrom(row[3] as string),
      pepperId: text(row[4]),
      digest: textFrom(row[5] as string),
      name: text(row[6]),
      ownerId: textFrom(row[7] as string),
      scopes: JSON.parse(row[8] as string) as string[],
      metadata: JSON.parse(row[9] as string) as Record<string, unknown>,
      createdAtMs: Number(row[10]),
      expiresAtMs: time(row[11]),
      disabledAtMs: time(row[12]),
      revokedAtMs: time(row[13]),
      revocationReason: text(row[14]),
    }
  } catch (error) {
    throw new StoreError('corrupt', 'An API key in the database cannot be read', { cause: error })
  }
}

/** A text that may be absent, as it is stored. */
export function nullableText(value: string | null): string | null {
  return value === null ? null : storedText(value)
}

function text(column: unknown): string | null {
  return typeof column === 'string' ? textFrom(column) : null
}

function time(column: unknown): number | null {
  return column === null ? null : Number(column)
}
