import type { KeyQuery, KeyRecord, KeyStore, KeyWatcher } from '@latchkey/core'
import { keyColumns, keyRecord, keyValues, nullableText } from '../key-row.js'
import { storedText } from '../stored-text.js'
import type { Subscription } from '../subscription.js'
import type { PostgresValue, Statement } from './client.js'
import type { Connection } from './connection.js'
import { named } from './statement.js'

const columns = keyColumns.join(', ')

/** {@link KeyStore} in the table `latchkey_keys`. A trigger of the table tells of changes, whoever makes them. */
export class PostgresKeyStore implements KeyStore {
  readonly #connection: Connection
  readonly #sql: ReturnType<typeof statements>
  readonly #changes: Subscription

  constructor(connection: Connection, schema: string, changes: Subscription) {
    this.#connection = connection
    this.#changes = changes
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

  revoke(id: string, revokedAtMs: number, reason: string | null): Promise<boolean> {
    return this.#change(this.#sql.revoke, id, revokedAtMs, nullableText(reason))
  }

  setDisabled(id: string, disabledAtMs: number | null): Promise<boolean> {
    return this.#change(this.#sql.setDisabled, id, disabledAtMs)
  }

  watch(watcher: KeyWatcher): void {
    this.#changes.watch(watcher)
  }

  async #change(statement: Statement, id: string, ...values: readonly PostgresValue[]): Promise<boolean> {
    try {
      return (await this.#connection.rows(statement, storedText(id), ...values)).length > 0
    } finally {
      this.#changes.changed(id)
    }
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
