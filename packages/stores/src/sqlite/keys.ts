import {
  type Awaitable,
  type KeyQuery,
  type KeyRecord,
  type KeyStore,
  type KeyWatcher,
  KeyWatchers,
} from '@latchkey/core'
import { keyColumns, keyRecord, keyValues, nullableText } from '../key-row.js'
import { storedText } from '../stored-text.js'
import type { Connection, Row } from './connection.js'

const columns = keyColumns.join(', ')

/**
 * {@link KeyStore} in the table `latchkey_keys`. It cannot learn of other connections' writes: `PRAGMA data_version` grows with every
 * commit to the file, and asking for it costs as much as reading the key.
 */
export class SqliteKeyStore implements KeyStore {
  readonly #connection: Connection
  readonly #sql: ReturnType<typeof statements>
  readonly #watchers = new KeyWatchers()

  constructor(connection: Connection) {
    this.#watchers.heard()
    this.#connection = connection
    this.#sql = statements(connection)
  }

  insert(record: KeyRecord): Awaitable<boolean> {
    return this.#write(record.id, false, () => this.#connection.write(this.#sql.insert, ...keyValues(record)))
  }

  find(id: string): Awaitable<KeyRecord | undefined> {
    return this.#connection.run(() => {
      const row = this.#connection.first(this.#sql.find, storedText(id))
      return row && recordOf(row)
    })
  }

  list({ ownerId, after = '', limit }: KeyQuery): Awaitable<readonly KeyRecord[]> {
    return this.#connection.run(() =>
      (ownerId === undefined
        ? this.#connection.rows(this.#sql.list, storedText(after), limit)
        : this.#connection.rows(this.#sql.listOwner, storedText(ownerId), storedText(after), limit)
      ).map(recordOf),
    )
  }

  revoke(id: string, revokedAtMs: number, reason: string | null): Awaitable<boolean> {
    return this.#write(id, true, () =>
      this.#connection.write(this.#sql.revoke, revokedAtMs, nullableText(reason), storedText(id)),
    )
  }

  setDisabled(id: string, disabledAtMs: number | null): Awaitable<boolean> {
    return this.#write(id, true, () => this.#connection.write(this.#sql.setDisabled, disabledAtMs, storedText(id)))
  }

  watch(watcher: KeyWatcher): void {
    this.#watchers.add(watcher)
  }

  close(): void {
    this.#watchers.close()
  }

  /** Writes if the key is there, or is not, as it should be; answers whether it has. */
  #write(id: string, mustBeThere: boolean, work: () => void): Awaitable<boolean> {
    const write = () => {
      const isThere = this.#connection.first(this.#sql.isThere, storedText(id)) !== undefined
      if (isThere === mustBeThere) work()
      return isThere === mustBeThere
    }
    return this.#connection.run(() => {
      try {
        return this.#connection.transaction(write)
      } finally {
        this.#watchers.changed(id)
      }
    })
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
  return keyRecord(keyColumns.map((name) => row[name]))
}
