import type { KeyQuery, KeyRecord, KeyStore } from '@latchkey/core'
import { keyColumns, keyRecord, keyValues, nullableText } from '../key-row.js'
import { storedText } from '../stored-text.js'
import type { Connection } from './connection.js'
import { named } from './statement.js'

const columns = keyColumns.join(', ')

/** {@link KeyStore} in the table `latchkey_keys`. */
export class PostgresKeyStore implements KeyStore {
  readonly #connection: Connection
  readonly #sql: ReturnType<typeof statements>

  constructor(connection: Connection, schema: string) {
    this.#connection = connection
    this.#sql = statements(schema)
  }

  async insert(record: KeyRecord): Promise<boolean> {
    const rows = await this.#connection.rows(this.#sql.insert, ...keyValues(record))
    return rows.length > 0
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    const [row] = await this.#connection.rows(this.#sql.find, storedText(id))
    return row && keyRecord(row)
  }

  async list({ ownerId, after = '', limit }: KeyQuery): Promise<readonly KeyRecord[]> {
    const rows =
      ownerId === undefined
        ? await this.#connection.rows(this.#sql.list, storedText(after), limit)
        : await this.#connection.rows(this.#sql.listOwner, storedText(after), limit, storedText(ownerId))
    return rows.map(keyRecord)
  }

  async revoke(id: string, revokedAtMs: number, reason: string | null): Promise<boolean> {
    const rows = await this.#connection.rows(this.#sql.revoke, storedText(id), revokedAtMs, nullableText(reason))
    return rows.length > 0
  }

  async setDisabled(id: string, disabledAtMs: number | null): Promise<boolean> {
    return (await this.#connection.rows(this.#sql.setDisabled, storedText(id), disabledAtMs)).length > 0
  }
}

function statements(schema: string) {
  const table = `${schema}.latchkey_keys`
  return {
    insert: named(
      'key_insert',
      `INSERT INTO ${table} (${columns}) VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text,
  $9::text, $10::text, $11::bigint, $12::bigint, $13::bigint, $14::bigint, $15::text)
ON CONFLICT (id) DO NOTHING RETURNING 1`,
    ),
    find: named('key_find', `SELECT ${columns} FROM ${table} WHERE id = $1::text`),
    list: named('key_list', `SELECT ${columns} FROM ${table} WHERE id > $1::text ORDER BY id LIMIT $2::integer`),
    listOwner: named(
      'key_list_owner',
      `SELECT ${columns} FROM ${table} WHERE owner_id = $3::text AND id > $1::text ORDER BY id LIMIT $2::integer`,
    ),
    revoke: named(
      'key_revoke',
      `UPDATE ${table} SET revoked_at_ms = coalesce(revoked_at_ms, $2::bigint),
  revocation_reason = CASE WHEN revoked_at_ms IS NULL THEN $3::text ELSE revocation_reason END
WHERE id = $1::text RETURNING 1`,
    ),
    setDisabled: named(
      'key_disable',
      `UPDATE ${table} SET disabled_at_ms = $2::bigint WHERE id = $1::text RETURNING 1`,
    ),
  }
}
