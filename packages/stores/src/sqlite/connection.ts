import { type Awaitable, StoreError } from '@latchkey/core'
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './client.js'
import { isBusy, storeError } from './fault.js'
import { isInTransaction } from './in-transaction.js'

/** One row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>

export interface ConnectionSettings {
  readonly busyTimeoutSeconds: number
  /** Whether the application uses it, too, and may have a transaction open on it. */
  readonly isShared: boolean
}

interface Waiting {
  readonly deadlineMs: number
  /** Tries once more; `false`: still busy. */
  attempt(): boolean
  giveUp(error: unknown): void
}

const shortestPauseMs = 1
/** A try costs some hundredths of a millisecond. With long pauses a process hardly ever meets the gaps of one that writes on. */
const longestPauseMs = 4

/** Why a write is not even tried: it would overtake those that wait for the lock. */
const behindOthers = Object.assign(new Error('Other writes are waiting'), { code: 'SQLITE_BUSY' })

/**
 * One SQLite connection. Work on it is synchronous, and is answered at once. Only where another connection holds the lock, or the
 * application has a transaction open on this one, is it tried again, in turn and for a bounded time, without blocking the event loop.
 * Writes are carried out in the order in which they came; a read does not wait for them.
 */
export class Connection {
  readonly #database: SqliteDatabase
  readonly #busyTimeoutMs: number
  readonly #isShared: boolean
  readonly #waiting: Waiting[] = []
  /** Reads that ended busy, by the statement that libsql has left open: its next read goes on with the values of this one. */
  readonly #unfinished = new Map<SqliteStatement, () => unknown>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #pauseMs = shortestPauseMs
  #isClosed = false
  #isTakingTurns = false

  constructor(database: SqliteDatabase, { busyTimeoutSeconds, isShared }: ConnectionSettings) {
    this.#database = database
    this.#isShared = isShared
    this.#busyTimeoutMs = busyTimeoutSeconds * 1000
  }

  prepare(sql: string): SqliteStatement {
    return this.#database.prepare(sql)
  }

  /** Does the work; again from its start as long as the database is busy, up to the timeout. */
  run<Answer>(work: () => Answer): Awaitable<Answer> {
    if (this.#isClosed) throw new StoreError('unavailable', 'The SQLite store is closed')
    try {
      if (!this.#isTaken()) return work()
    } catch (error) {
      if (!isBusy(error)) throw storeError(error)
    }
    return this.#wait(work)
  }

  /**
   * One transaction that writes, within {@link Connection.run}. `BEGIN IMMEDIATE` by `exec` is where a lock is waited for: libsql
   * 0.5 leaves a prepared statement that was busy open, and while it is, no other write on the connection is committed.
   */
  transaction<Answer>(work: () => Answer): Answer {
    if (this.#waiting.length > 0 && !this.#isTakingTurns) throw behindOthers
    this.finishReads()
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const answer = work()
      this.#database.exec('COMMIT')
      return answer
    } catch (error) {
      try {
        this.#database.exec('ROLLBACK')
      } catch {
        // Some errors have rolled back already.
      }
      throw error
    }
  }

  /** Ends the reads that a lock has left open, see {@link Connection.transaction}. */
  finishReads(): void {
    for (const statement of this.#unfinished.keys()) this.#finish(statement)
  }

  /** The first row. Parameters are texts and numbers: libsql 0.5 ends the process over bytes here. */
  first(statement: SqliteStatement, ...values: ReadonlyArray<string | number | null>): Row | undefined {
    const row = this.#read(statement, () => statement.get(...values)) as Row | null | undefined
    // Where there is none, bun:sqlite says null.
    return row ?? undefined
  }

  rows(statement: SqliteStatement, ...values: ReadonlyArray<string | number | null>): readonly Row[] {
    return this.#read(statement, () => statement.all(...values)) as readonly Row[]
  }

  write(statement: SqliteStatement, ...values: readonly SqliteValue[]): void {
    statement.run(...values)
  }

  /** Refuses all work from now on, also work that waits. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    const error = new StoreError('unavailable', 'The SQLite store was closed')
    for (const waiting of this.#waiting.splice(0)) waiting.giveUp(error)
  }

  /** What is written in a transaction of the application's may be rolled back, and what is read there may not hold. */
  #isTaken(): boolean {
    return this.#isShared && isInTransaction(this.#database)
  }

  #read(statement: SqliteStatement, read: () => unknown): unknown {
    if (this.#unfinished.size > 0) this.#finish(statement)
    try {
      return read()
    } catch (error) {
      if (isBusy(error)) this.#unfinished.set(statement, read)
      throw error
    }
  }

  #finish(statement: SqliteStatement): void {
    this.#unfinished.get(statement)?.()
    this.#unfinished.delete(statement)
  }

  #wait<Answer>(work: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const attempt = (): boolean => {
        try {
          if (this.#isTaken()) return false
          resolve(work())
        } catch (error) {
          if (isBusy(error)) return false
          reject(storeError(error))
        }
        return true
      }
      const giveUp = reject
      this.#waiting.push({ attempt, giveUp, deadlineMs: performance.now() + this.#busyTimeoutMs })
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#waiting.length === 0) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#takeTurns()
      this.#schedule()
    }, this.#pauseMs)
  }

  #takeTurns(): void {
    this.#isTakingTurns = true
    while (this.#waiting[0]?.attempt()) {
      this.#waiting.shift()
      this.#pauseMs = shortestPauseMs
    }
    this.#isTakingTurns = false
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2)
    const nowMs = performance.now()
    const message = 'The SQLite database is locked by another connection, or by a transaction of the application'
    const error = new StoreError('unavailable', message)
    while (this.#waiting[0] !== undefined && this.#waiting[0].deadlineMs <= nowMs) this.#waiting.shift()!.giveUp(error)
  }
}
