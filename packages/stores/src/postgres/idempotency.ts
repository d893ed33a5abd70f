import {
  type Claim,
  type ClaimRequest,
  type FencedWrite,
  type IdempotencyRecord,
  type IdempotencyStore,
  type RecordQuery,
  type RecordTransaction,
  type Resolution,
  StoreError,
} from '@latchkey/core'
import type { PostgresValue, Row, Statement } from './client.js'
import type { Connection } from './connection.js'
import type { ExpiredRows } from './expired-rows.js'
import { idempotencySql } from './idempotency-sql.js'
import { milliseconds } from './statement.js'
import type { WithinTransaction } from './transaction.js'

/** {@link IdempotencyStore} in the table `latchkey_idempotency`. */
export class PostgresIdempotencyStore implements IdempotencyStore {
  readonly #connection: Connection
  readonly #expired: ExpiredRows
  readonly #sql: ReturnType<typeof idempotencySql>

  constructor(connection: Connection, schema: string, expired: ExpiredRows) {
    this.#connection = connection
    this.#expired = expired
    this.#sql = idempotencySql(schema)
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    const { id, scope, fingerprint, token, leaseSeconds, ttlSeconds, takeOver } = request
    const claim = claimOf(
      await this.#connection.row(
        this.#sql.claim,
        this.#connection.nowMs,
        id,
        scope,
        fingerprint,
        token,
        milliseconds(leaseSeconds),
        milliseconds(ttlSeconds),
        takeOver,
      ),
    )
    if (claim.outcome === 'claimed' && claim.attempt === 1) this.#expired.onNewRow()
    return claim
  }

  renew(id: string, token: string, leaseSeconds: number, ttlSeconds: number): Promise<FencedWrite> {
    return this.#fenced(this.#sql.renew, id, token, milliseconds(leaseSeconds), milliseconds(ttlSeconds))
  }

  settle(id: string, token: string, reply: Uint8Array, ttlSeconds: number): Promise<FencedWrite> {
    return this.#fenced(this.#sql.finish, ...finishing(id, token, 'settled', reply, ttlSeconds, true))
  }

  tombstone(id: string, token: string, note: Uint8Array, ttlSeconds: number): Promise<FencedWrite> {
    return this.#fenced(this.#sql.finish, ...finishing(id, token, 'tombstone', note, ttlSeconds, true))
  }

  /** The same statement as `settle` and `tombstone`, sent through a transaction of the application's, once. */
  within(query: WithinTransaction): RecordTransaction<Promise<FencedWrite>> {
    const finish = async (id: string, token: string, state: State, content: Uint8Array, ttlSeconds: number) => {
      const values = finishing(id, token, state, content, ttlSeconds, false)
      return written(await query(this.#sql.finish, [this.#connection.nowMs, ...values]))
    }
    return {
      isSynchronous: false,
      settle: (id, token, reply, ttlSeconds) => finish(id, token, 'settled', reply, ttlSeconds),
      tombstone: (id, token, note, ttlSeconds) => finish(id, token, 'tombstone', note, ttlSeconds),
    }
  }

  release(id: string, token: string): Promise<FencedWrite> {
    return this.#fenced(this.#sql.release, id, token)
  }

  async find(id: string): Promise<IdempotencyRecord | undefined> {
    const [row] = await this.#connection.rows(this.#sql.find, this.#connection.nowMs, id)
    if (row === undefined) return undefined
    const record = recordOf(row)
    const { state } = record
    return state === 'settled' || state === 'tombstone' ? { ...record, content: contentOf(row[8]) } : record
  }

  async list({ state, after = '', limit }: RecordQuery): Promise<readonly IdempotencyRecord[]> {
    const { nowMs } = this.#connection
    return (await this.#connection.rows(this.#sql.list, nowMs, after, limit, state ?? null)).map(recordOf)
  }

  async resolve(id: string, resolution: Resolution, ttlSeconds: number): Promise<'ok' | 'live' | 'settled' | 'absent'> {
    const { nowMs } = this.#connection
    const [answer] =
      resolution.kind === 'release'
        ? await this.#connection.row(this.#sql.releaseByHand, nowMs, id)
        : await this.#connection.row(
            this.#sql.settleByHand,
            nowMs,
            id,
            copyOf(resolution.reply),
            milliseconds(ttlSeconds),
          )
    return answer as 'ok' | 'live' | 'settled' | 'absent'
  }

  async #fenced(statement: Statement, ...values: readonly PostgresValue[]): Promise<FencedWrite> {
    return written(await this.#connection.rows(statement, this.#connection.nowMs, ...values))
  }
}

type State = 'settled' | 'tombstone'

/** The parameters of `finish` after the time. */
function finishing(
  id: string,
  token: string,
  state: State,
  content: Uint8Array,
  ttlSeconds: number,
  isRepeatable: boolean,
): readonly PostgresValue[] {
  return [id, token, state, copyOf(content), milliseconds(ttlSeconds), isRepeatable]
}

function written(rows: readonly unknown[]): FencedWrite {
  return rows.length > 0 ? 'ok' : 'stale'
}

function claimOf([outcome, attempt, leaseRemainingMs, content]: Row): Claim {
  switch (outcome) {
    case 'claimed':
      return { outcome, attempt: Number(attempt) }
    case 'mismatch':
    case 'lapsed':
      return { outcome }
    case 'running':
      return { outcome, leaseRemainingMs: Number(leaseRemainingMs) }
    case 'settled':
      return { outcome, reply: contentOf(content) }
    case 'tombstone':
      return { outcome, note: contentOf(content) }
    default:
      throw new StoreError('corrupt', 'An idempotency record is in a state that does not exist')
  }
}

function recordOf(row: Row): IdempotencyRecord {
  const [id, scope, state, attempt, fingerprint, createdAtMs, leaseUntilMs, expiresAtMs] = row
  return {
    id: id as string,
    scope: scope as string,
    state: state as IdempotencyRecord['state'],
    attempt: Number(attempt),
    fingerprint: fingerprint as string,
    createdAtMs: Number(createdAtMs),
    ...(state === 'running' || state === 'lapsed' ? { leaseUntilMs: Number(leaseUntilMs) } : {}),
    expiresAtMs: Number(expiresAtMs),
  }
}

function contentOf(column: unknown): Uint8Array {
  if (column instanceof Uint8Array) return column
  throw new StoreError('corrupt', 'An idempotency record lacks its content')
}

/** A pool may send it later, when its giver has changed it. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
