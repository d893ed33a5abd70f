import type { Awaitable, ReplayStore, Reservation } from '@latchkey/core'
import type { SqliteStatement } from './client.js'
import type { Connection, Row } from './connection.js'
import { ExpiredRows } from './expired-rows.js'

/** How long a lapsed reservation stays. */
const lapsedMs = 3_600_000

/** {@link ReplayStore} in the table `latchkey_replay`. */
export class SqliteReplayStore implements ReplayStore {
  readonly #connection: Connection
  readonly #now: () => number
  readonly #expired: ExpiredRows
  readonly #select: SqliteStatement
  readonly #upsert: SqliteStatement
  readonly #commit: SqliteStatement
  readonly #remove: SqliteStatement

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection
    this.#now = now
    this.#expired = new ExpiredRows(connection, 'latchkey_replay')
    this.#select = connection.prepare(
      'SELECT token, state, lease_until_ms, expires_at_ms FROM latchkey_replay WHERE id = ?',
    )
    this.#upsert = connection.prepare(
      `INSERT INTO latchkey_replay (id, token, state, lease_until_ms, expires_at_ms) VALUES (?, ?, 'reserved', ?, ?)
       ON CONFLICT (id) DO UPDATE SET token = excluded.token, state = excluded.state,
         lease_until_ms = excluded.lease_until_ms, expires_at_ms = excluded.expires_at_ms`,
    )
    this.#commit = connection.prepare(`UPDATE latchkey_replay SET state = 'committed', expires_at_ms = ? WHERE id = ?`)
    this.#remove = connection.prepare('DELETE FROM latchkey_replay WHERE id = ?')
  }

  reserve(id: string, token: string, leaseSeconds: number): Awaitable<Reservation> {
    const look = () => {
      const nowMs = this.#now()
      const row = this.#find(id, nowMs)
      return { nowMs, row, answer: row && answerOf(row, token, nowMs) }
    }
    return this.#connection.run(
      () =>
        look().answer ??
        this.#connection.transaction((): Reservation => {
          const { nowMs, row, answer } = look()
          if (answer !== undefined) return answer
          const leaseUntilMs = nowMs + Math.ceil(leaseSeconds * 1000)
          this.#connection.write(this.#upsert, id, token, leaseUntilMs, leaseUntilMs + lapsedMs)
          if (row === undefined) this.#expired.onNewRow(nowMs)
          return { outcome: 'reserved' }
        }),
    )
  }

  commit(id: string, token: string, ttlSeconds: number): Awaitable<'ok' | 'stale'> {
    return this.#fenced(id, token, (row, nowMs) => {
      if (row.state !== 'committed') this.#connection.write(this.#commit, nowMs + Math.ceil(ttlSeconds * 1000), id)
      return 'ok'
    })
  }

  release(id: string, token: string): Awaitable<'ok' | 'stale'> {
    return this.#fenced(id, token, (row) => {
      if (row.state === 'committed') return 'stale'
      this.#connection.write(this.#remove, id)
      return 'ok'
    })
  }

  #fenced(id: string, token: string, work: (row: Row, nowMs: number) => 'ok' | 'stale'): Awaitable<'ok' | 'stale'> {
    return this.#connection.run(() =>
      this.#connection.transaction(() => {
        const nowMs = this.#now()
        const row = this.#find(id, nowMs)
        return row?.token === token ? work(row, nowMs) : 'stale'
      }),
    )
  }

  #find(id: string, nowMs: number): Row | undefined {
    const row = this.#connection.first(this.#select, id)
    return row !== undefined && nowMs < Number(row.expires_at_ms) ? row : undefined
  }
}

/** What stands in the way of this reservation; `undefined`: nothing. */
function answerOf(row: Row, token: string, nowMs: number): Reservation | undefined {
  if (row.state === 'committed') return { outcome: 'committed' }
  const leaseRemainingMs = Number(row.lease_until_ms) - nowMs
  return row.token !== token && leaseRemainingMs > 0 ? { outcome: 'running', leaseRemainingMs } : undefined
}
