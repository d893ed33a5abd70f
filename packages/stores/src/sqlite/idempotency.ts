import {
  type Awaitable,
  type Claim,
  type ClaimRequest,
  type FencedWrite,
  type IdempotencyRecord,
  type IdempotencyStore,
  type RecordQuery,
  type Resolution,
  StoreError,
} from '@latchkey/core'
import type { SqliteStatement } from './client.js'
import type { Connection, Row } from './connection.js'
import { ExpiredRows } from './expired-rows.js'
import { RecordWrites } from './record-writes.js'

const columns = 'id, scope, fingerprint, token, state, attempt, created_at_ms, lease_until_ms, expires_at_ms'
/** A record without its content. */
const head = `${columns}, content IS NOT NULL AS has_content`

/** {@link IdempotencyStore} in the table `latchkey_idempotency`. */
export class SqliteIdempotencyStore implements IdempotencyStore {
  readonly #connection: Connection
  readonly #now: () => number
  readonly #expired: ExpiredRows
  readonly #writes: RecordWrites
  readonly #sql: ReturnType<typeof statements>

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection
    this.#now = now
    this.#expired = new ExpiredRows(connection, 'latchkey_idempotency')
    this.#writes = new RecordWrites(connection)
    this.#sql = statements(connection)
  }

  /** Reads first: a reply that is there is answered without a lock. What may be taken is read again under the lock. */
  claim(request: ClaimRequest): Awaitable<Claim> {
    const look = () => {
      const nowMs = this.#now()
      const row = this.#find(this.#sql.claimed, request.id, nowMs)
      return { nowMs, row, answer: row && answerOf(row, request, nowMs) }
    }
    return this.#connection.run(
      () =>
        look().answer ??
        this.#connection.transaction(() => {
          const { nowMs, row, answer } = look()
          return answer ?? this.#take(row, request, nowMs)
        }),
    )
  }

  renew(id: string, token: string, leaseSeconds: number, ttlSeconds: number): Awaitable<FencedWrite> {
    return this.#fenced(id, token, (nowMs) => {
      const { leaseUntilMs, expiresAtMs } = lease(nowMs, leaseSeconds, ttlSeconds)
      this.#connection.write(this.#sql.renew, leaseUntilMs, expiresAtMs, id)
    })
  }

  settle(id: string, token: string, reply: Uint8Array, ttlSeconds: number): Awaitable<FencedWrite> {
    return this.#finish(id, token, 'settled', reply, ttlSeconds)
  }

  tombstone(id: string, token: string, note: Uint8Array, ttlSeconds: number): Awaitable<FencedWrite> {
    return this.#finish(id, token, 'tombstone', note, ttlSeconds)
  }

  release(id: string, token: string): Awaitable<FencedWrite> {
    return this.#fenced(id, token, () => this.#connection.write(this.#sql.remove, id))
  }

  find(id: string): Awaitable<IdempotencyRecord | undefined> {
    return this.#connection.run(() => {
      const nowMs = this.#now()
      const row = this.#find(this.#sql.whole, id, nowMs)
      if (row === undefined) return undefined
      const record = recordOf(row, nowMs)
      const { state } = record
      return state === 'settled' || state === 'tombstone' ? { ...record, content: contentOf(row) } : record
    })
  }

  list({ state, after = '', limit }: RecordQuery): Awaitable<readonly IdempotencyRecord[]> {
    return this.#connection.run(() => {
      const nowMs = this.#now()
      const rows =
        state === undefined
          ? this.#connection.rows(this.#sql.list, after, nowMs, limit)
          : this.#connection.rows(this.#sql.listState, nowMs, after, nowMs, state, limit)
      return rows.map((row) => recordOf(row, nowMs))
    })
  }

  resolve(id: string, resolution: Resolution, ttlSeconds: number): Awaitable<'ok' | 'live' | 'settled' | 'absent'> {
    return this.#write((nowMs) => {
      const row = this.#writes.standing(id, nowMs)
      if (row === undefined) return 'absent'
      if (isLeased(row, nowMs)) return 'live'
      if (resolution.kind === 'release') this.#connection.write(this.#sql.remove, id)
      else if (row.state === 'settled') return 'settled'
      else this.#writes.finish(id, null, 'settled', resolution.reply, nowMs + milliseconds(ttlSeconds))
      return 'ok'
    })
  }

  #take(row: Row | undefined, request: ClaimRequest, nowMs: number): Claim {
    const { id, scope, fingerprint, token } = request
    const { leaseUntilMs, expiresAtMs } = lease(nowMs, request.leaseSeconds, request.ttlSeconds)
    if (row === undefined) {
      this.#connection.write(this.#sql.insert, id, scope, fingerprint, token, nowMs, leaseUntilMs, expiresAtMs)
      this.#expired.onNewRow(nowMs)
      return { outcome: 'claimed', attempt: 1 }
    }
    const attempt = Number(row.attempt) + (row.token === token ? 0 : 1)
    this.#connection.write(this.#sql.take, token, attempt, leaseUntilMs, expiresAtMs, id)
    return { outcome: 'claimed', attempt }
  }

  #finish(
    id: string,
    token: string,
    state: 'settled' | 'tombstone',
    content: Uint8Array,
    ttlSeconds: number,
  ): Awaitable<FencedWrite> {
    const work = (nowMs: number) => this.#writes.finish(id, token, state, content, nowMs + milliseconds(ttlSeconds))
    return this.#fenced(id, token, work, state)
  }

  /** Writes if the record is running under the token; see {@link RecordWrites.fenced}. */
  #fenced(
    id: string,
    token: string,
    work: (nowMs: number) => void,
    repeatable?: 'settled' | 'tombstone',
  ): Awaitable<FencedWrite> {
    return this.#write((nowMs) => this.#writes.fenced(id, token, nowMs, () => work(nowMs), repeatable))
  }

  #write<Answer>(work: (nowMs: number) => Answer): Awaitable<Answer> {
    return this.#connection.run(() => this.#connection.transaction(() => work(this.#now())))
  }

  #find(statement: SqliteStatement, id: string, nowMs: number): Row | undefined {
    const row = this.#connection.first(statement, id)
    return row !== undefined && nowMs < Number(row.expires_at_ms) ? row : undefined
  }
}

function statements(connection: Connection) {
  const table = 'latchkey_idempotency'
  return {
    claimed: connection.prepare(
      `SELECT fingerprint, token, state, attempt, lease_until_ms, expires_at_ms, content FROM ${table} WHERE id = ?`,
    ),
    whole: connection.prepare(`SELECT ${head}, content FROM ${table} WHERE id = ?`),
    // What is there has expired.
    insert: connection.prepare(
      `INSERT INTO ${table} (${columns}) VALUES (?, ?, ?, ?, 'running', 1, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET (${columns}, content) = (${columns.replaceAll(/\w+/g, 'excluded.$&')}, NULL)`,
    ),
    take: connection.prepare(
      `UPDATE ${table} SET token = ?, attempt = ?, lease_until_ms = ?, expires_at_ms = ? WHERE id = ?`,
    ),
    renew: connection.prepare(`UPDATE ${table} SET lease_until_ms = ?, expires_at_ms = ? WHERE id = ?`),
    remove: connection.prepare(`DELETE FROM ${table} WHERE id = ?`),
    list: connection.prepare(`SELECT ${head} FROM ${table} WHERE id > ? AND expires_at_ms > ? ORDER BY id LIMIT ?`),
    listState: connection.prepare(
      `SELECT ${head}, CASE WHEN state = 'running' THEN CASE WHEN lease_until_ms <= ? THEN 'lapsed' ELSE state END
         WHEN state IN ('settled', 'tombstone') AND content IS NOT NULL THEN state ELSE 'unreadable' END AS shown
       FROM ${table} WHERE id > ? AND expires_at_ms > ? AND shown = ? ORDER BY id LIMIT ?`,
    ),
  }
}

/** What stands in the way of this claim; `undefined`: nothing, the record may be taken. */
function answerOf(row: Row, { fingerprint, token, takeOver }: ClaimRequest, nowMs: number): Claim | undefined {
  if (row.fingerprint !== fingerprint) return { outcome: 'mismatch' }
  switch (row.state) {
    case 'settled':
      return { outcome: 'settled', reply: contentOf(row) }
    case 'tombstone':
      return { outcome: 'tombstone', note: contentOf(row) }
    case 'running':
      if (row.token === token) return undefined
      if (isLeased(row, nowMs)) return { outcome: 'running', leaseRemainingMs: Number(row.lease_until_ms) - nowMs }
      return takeOver ? undefined : { outcome: 'lapsed' }
    default:
      throw new StoreError('corrupt', 'An idempotency record is in a state that does not exist')
  }
}

function isLeased(row: Row, nowMs: number): boolean {
  return row.state === 'running' && nowMs < Number(row.lease_until_ms)
}

function contentOf({ content }: Row): Uint8Array {
  if (content instanceof Uint8Array) return content
  throw new StoreError('corrupt', 'An idempotency record lacks its content')
}

function shownState(row: Row, nowMs: number): IdempotencyRecord['state'] {
  if (row.state === 'running') return isLeased(row, nowMs) ? 'running' : 'lapsed'
  return (row.state === 'settled' || row.state === 'tombstone') && row.has_content ? row.state : 'unreadable'
}

function recordOf(row: Row, nowMs: number): IdempotencyRecord {
  return {
    id: row.id as string,
    scope: row.scope as string,
    state: shownState(row, nowMs),
    attempt: Number(row.attempt),
    fingerprint: row.fingerprint as string,
    createdAtMs: Number(row.created_at_ms),
    ...(row.state === 'running' ? { leaseUntilMs: Number(row.lease_until_ms) } : {}),
    expiresAtMs: Number(row.expires_at_ms),
  }
}

function lease(nowMs: number, leaseSeconds: number, ttlSeconds: number) {
  const leaseUntilMs = nowMs + milliseconds(leaseSeconds)
  return { leaseUntilMs, expiresAtMs: leaseUntilMs + milliseconds(ttlSeconds) }
}

function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000)
}
