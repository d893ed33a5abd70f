import type { Awaitable, TokenRecord, TokenStore } from '@latchkey/core'
import { storedText } from '../stored-text.js'
import { tokenRecord } from '../token-row.js'
import type { Connection } from './connection.js'
import { ExpiredRows } from './expired-rows.js'

/** {@link TokenStore} in the table `latchkey_tokens`. */
export class SqliteTokenStore implements TokenStore {
  readonly #connection: Connection
  readonly #now: () => number
  readonly #expired: ExpiredRows
  readonly #sql: ReturnType<typeof statements>

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection
    this.#now = now
    this.#expired = new ExpiredRows(connection, 'latchkey_tokens')
    this.#sql = statements(connection)
  }

  insert({ id, subject, purpose, data }: TokenRecord, ttlSeconds: number, replaces: boolean): Awaitable<number> {
    const [whose, what] = [storedText(subject), storedText(purpose)]
    return this.#connection.run(() =>
      this.#connection.transaction(() => {
        const nowMs = this.#now()
        const expiresAtMs = nowMs + Math.ceil(ttlSeconds * 1000)
        if (replaces) this.#connection.write(this.#sql.removePurpose, whose, what)
        this.#connection.write(this.#sql.upsert, id, whose, what, storedText(data), expiresAtMs)
        this.#expired.onNewRow(nowMs)
        return expiresAtMs
      }),
    )
  }

  consume(id: string): Awaitable<TokenRecord | undefined> {
    const find = () => this.#connection.first(this.#sql.find, id, this.#now())
    return this.#connection.run(() => {
      // What is not there takes no lock.
      if (find() === undefined) return undefined
      return this.#connection.transaction(() => {
        const row = find()
        if (row === undefined) return undefined
        this.#connection.write(this.#sql.remove, id)
        return tokenRecord(id, [row.subject, row.purpose, row.data])
      })
    })
  }

  revokeAll(subject: string, purpose?: string): Awaitable<number> {
    const { count, countPurpose, removeAll, removePurpose } = this.#sql
    const whose = [storedText(subject), ...(purpose === undefined ? [] : [storedText(purpose)])]
    return this.#connection.run(() =>
      this.#connection.transaction(() => {
        const live = this.#connection.first(purpose === undefined ? count : countPurpose, this.#now(), ...whose)
        this.#connection.write(purpose === undefined ? removeAll : removePurpose, ...whose)
        return Number(live?.tokens)
      }),
    )
  }
}

function statements(connection: Connection) {
  const table = 'latchkey_tokens'
  const live = `SELECT count(*) AS tokens FROM ${table} WHERE expires_at_ms > ? AND subject = ?`
  const removeAll = `DELETE FROM ${table} WHERE subject = ?`
  return {
    upsert: connection.prepare(
      `INSERT INTO ${table} (id, subject, purpose, data, expires_at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET subject = excluded.subject, purpose = excluded.purpose, data = excluded.data,
         expires_at_ms = excluded.expires_at_ms`,
    ),
    find: connection.prepare(`SELECT subject, purpose, data FROM ${table} WHERE id = ? AND expires_at_ms > ?`),
    remove: connection.prepare(`DELETE FROM ${table} WHERE id = ?`),
    count: connection.prepare(live),
    countPurpose: connection.prepare(`${live} AND purpose = ?`),
    removeAll: connection.prepare(removeAll),
    removePurpose: connection.prepare(`${removeAll} AND purpose = ?`),
  }
}
