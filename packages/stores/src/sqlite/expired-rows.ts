import type { SqliteStatement } from './client.js'
import type { Connection } from './connection.js'

/** Every so many new rows, so many rows are looked at: a round through the table ends before it has grown by a third. */
const newRowsBetween = 8
const rowsAtOnce = 32

type ExpiringTable = 'latchkey_idempotency' | 'latchkey_replay' | 'latchkey_tokens' | 'latchkey_rates'

/** Removes what has expired from one table, a few rows at a time, so that no request pays for many. */
export class ExpiredRows {
  readonly #connection: Connection
  readonly #last: SqliteStatement
  readonly #delete: SqliteStatement
  #newRows = 0
  #position = 0

  constructor(connection: Connection, table: ExpiringTable) {
    this.#connection = connection
    this.#last = connection.prepare(
      `SELECT rowid AS position FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT 1 OFFSET ${rowsAtOnce - 1}`,
    )
    this.#delete = connection.prepare(`DELETE FROM ${table} WHERE rowid > ? AND rowid <= ? AND expires_at_ms <= ?`)
  }

  /** Told of each new row, within the transaction that writes it. */
  onNewRow(nowMs: number): void {
    this.#newRows++
    if (this.#newRows % newRowsBetween !== 0) return
    const last = this.#connection.first(this.#last, this.#position)
    const until = last === undefined ? Number.MAX_SAFE_INTEGER : Number(last.position)
    this.#connection.write(this.#delete, this.#position, until, nowMs)
    this.#position = last === undefined ? 0 : until
  }
}
