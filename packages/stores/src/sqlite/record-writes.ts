import type { FencedWrite } from '@latchkey/core'
import type { SqliteStatement } from './client.js'
import type { Connection, Row } from './connection.js'

/** The writes that end an idempotency record, within a transaction that is open on the connection. */
export class RecordWrites {
  readonly #connection: Connection
  readonly #standing: SqliteStatement
  readonly #finish: SqliteStatement

  constructor(connection: Connection) {
    this.#connection = connection
    this.#standing = connection.prepare(
      'SELECT fingerprint, token, state, attempt, lease_until_ms, expires_at_ms FROM latchkey_idempotency WHERE id = ?',
    )
    this.#finish = connection.prepare(
      'UPDATE latchkey_idempotency SET token = ?, state = ?, expires_at_ms = ?, content = ? WHERE id = ?',
    )
  }

  /** What decides on a write; `undefined` where there is no record, or it has expired. */
  standing(id: string, nowMs: number): Row | undefined {
    const row = this.#connection.first(this.#standing, id)
    return row !== undefined && nowMs < Number(row.expires_at_ms) ? row : undefined
  }

  /** Writes if the record is running under the token. One that the same token has brought to `repeatable` is as it should be. */
  fenced(
    id: string,
    token: string,
    nowMs: number,
    work: () => void,
    repeatable?: 'settled' | 'tombstone',
  ): FencedWrite {
    const row = this.standing(id, nowMs)
    if (row === undefined || row.token !== token) return 'stale'
    if (row.state !== 'running') return row.state === repeatable ? 'ok' : 'stale'
    work()
    return 'ok'
  }

  finish(
    id: string,
    token: string | null,
    state: 'settled' | 'tombstone',
    content: Uint8Array,
    expiresAtMs: number,
  ): void {
    this.#connection.write(this.#finish, token, state, expiresAtMs, content, id)
  }
}
