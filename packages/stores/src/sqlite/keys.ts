import { type Awaitable, type KeyQuery, type KeyRecord, type KeyStore, StoreError } from '@latchkey/core'
import { storedText, textFrom } from '../stored-text.js'
import type { Connection, Row } from './connection.js'

const columns =
  'id, prefix, environment, algorithm, pepper_id, digest, name, owner_id, scopes, metadata, created_at_ms, expires_at_ms, ' +
  'disabled_at_ms, revoked_at_ms, revocation_reason'

/** {@link KeyStore} in the table `latchkey_keys`. */
export class SqliteKeyStore implements KeyStore {
  readonly #connection: Connection
  readonly #sql: ReturnType<typeof statements>

  constructor(connection: Connection) {
    this.#connection = connection
    this.#sql = statements(connection)
  }

  insert(record: KeyRecord): Awaitable<boolean> {
    return this.#write(record.id, false, () =>
      this.#connection.write(
        this.#sql.insert,
        record.id,
        storedText(record.prefix),
        storedText(record.environment),
        storedText(record.algorithm),
        stored(record.pepperId),
        storedText(record.digest),
        stored(record.name),
        storedText(record.ownerId),
        JSON.stringify(record.scopes),
        JSON.stringify(record.metadata),
        record.createdAtMs,
        record.expiresAtMs,
        record.disabledAtMs,
        record.revokedAtMs,
        stored(record.revocationReason),
      ),
    )
  }

  find(id: string): Awaitable<KeyRecord | undefined> {
    return this.#connection.run(() => {
      const row = this.#connection.first(this.#sql.find, id)
      return row && recordOf(row)
    })
  }

  list({ ownerId, after = '', limit }: KeyQuery): Awaitable<readonly KeyRecord[]> {
    return this.#connection.run(() =>
      (ownerId === undefined
        ? this.#connection.rows(this.#sql.list, after, limit)
        : this.#connection.rows(this.#sql.listOwner, storedText(ownerId), after, limit)
      ).map(recordOf),
    )
  }

  revoke(id: string, revokedAtMs: number, reason: string | null): Awaitable<boolean> {
    return this.#write(id, true, () => this.#connection.write(this.#sql.revoke, revokedAtMs, stored(reason), id))
  }

  setDisabled(id: string, disabledAtMs: number | null): Awaitable<boolean> {
    return this.#write(id, true, () => this.#connection.write(this.#sql.setDisabled, disabledAtMs, id))
  }

  /** Writes if the key is there, or is not, as it should be; answers whether it has. */
  #write(id: string, mustBeThere: boolean, work: () => void): Awaitable<boolean> {
    return this.#connection.run(() =>
      this.#connection.transaction(() => {
        const isThere = this.#connection.first(this.#sql.isThere, id) !== undefined
        if (isThere === mustBeThere) work()
        return isThere === mustBeThere
      }),
    )
  }
}

function statements(connection: Connection) {
  const table = 'latchkey_keys'
  return {
    insert: connection.prepare(`INSERT INTO ${table} (${columns}) VALUES (${columns.replaceAll(/\w+/g, '?')})`),
    isThere: connection.prepare(`SELECT 1 AS is_there FROM ${table} WHERE id = ?`),
    find: connection.prepare(`SELECT ${columns} FROM ${table} WHERE id = ?`),
    list: connection.prepare(`SELECT ${columns} FROM ${table} WHERE id > ? ORDER BY id LIMIT ?`),
    listOwner: connection.prepare(`SELECT ${columns} FROM ${table} WHERE owner_id = ? AND id > ? ORDER BY id LIMIT ?`),
    revoke: connection.prepare(
      `UPDATE ${table} SET revoked_at_ms = ?, revocation_reason = ? WHERE id = ? AND revoked_at_ms IS NULL`,
    ),
    setDisabled: connection.prepare(`UPDATE ${table} SET disabled_at_ms = ? WHERE id = ?`),
  }
}

function recordOf(row: Row): KeyRecord {
  try {
    return {
      id: row.id as string,
      prefix: textFrom(row.prefix as string),
      environment: textFrom(row.environment as string),
      algorithm: textFrom(row.algorithm as string),
      pepperId: text(row.pepper_id),
      digest: textFrom(row.digest as string),
      name: text(row.name),
      ownerId: textFrom(row.owner_id as string),
      scopes: JSON.parse(row.scopes as string) as string[],
      metadata: JSON.parse(row.metadata as string) as Record<string, unknown>,
      createdAtMs: Number(row.created_at_ms),
      expiresAtMs: time(row.expires_at_ms),
      disabledAtMs: time(row.disabled_at_ms),
      revokedAtMs: time(row.revoked_at_ms),
      revocationReason: text(row.revocation_reason),
    }
  } catch (error) {
    throw new StoreError('corrupt', 'An API key in the database cannot be read', { cause: error })
  }
}

function stored(text: string | null): string | null {
  return text === null ? null : storedText(text)
}

function text(column: unknown): string | null {
  return typeof column === 'string' ? textFrom(column) : null
}

function time(column: unknown): number | null {
  return column === null ? null : Number(column)
}
