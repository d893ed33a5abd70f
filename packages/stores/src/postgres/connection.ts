import { randomBelow, StoreError } from '@latchkey/core'
import { type Deadline, Deadlines } from '../deadlines.js'
import type { PostgresValue, Query, Row, Statement } from './client.js'
import { isConflict, isUndefined } from './fault.js'
import { asStoreError, type Tables } from './tables.js'

/** How often a statement is sent at most. */
const mostAttempts = 8

/** What bounds the work on a connection. */
export interface Limits {
  /** How many operations may be under way at once. */
  readonly maxPendingOperations: number
  /** How long each of them may take, all told. */
  readonly operationTimeoutSeconds: number
}

/**
 * What the store sends its statements through: each is a transaction of its own on whatever connection the client gives, and
 * no connection is held between two. A statement that the server rolled back for another's sake is sent again, a bounded
 * number of times; whatever else goes wrong is not, for it may have been carried out.
 */
export class Connection {
  readonly #query: Query
  readonly #tables: Tables
  readonly #limits: Limits
  readonly #deadlines: Deadlines
  readonly #now: (() => number) | undefined
  #pending = 0
  #isClosed = false

  constructor(query: Query, tables: Tables, limits: Limits, now: (() => number) | undefined) {
    this.#query = query
    this.#tables = tables
    this.#limits = limits
    this.#deadlines = new Deadlines(limits.operationTimeoutSeconds, 'Postgres')
    this.#now = now
  }

  /** `$1` of every statement that has {@link clock}: `null` where the database's own clock counts. */
  get nowMs(): number | null {
    return this.#now === undefined ? null : Math.floor(this.#now())
  }

  /** The rows that one statement answers. */
  rows(statement: Statement, ...values: readonly PostgresValue[]): Promise<readonly Row[]> {
    return this.#bounded((deadline) => this.#send(statement, values, deadline))
  }

  /**
   * The one row that a statement answers. It has none where it met a record that another transaction wrote after this one had
   * looked; then it is sent again, and sees it.
   */
  row(statement: Statement, ...values: readonly PostgresValue[]): Promise<Row> {
    return this.#bounded(async (deadline) => {
      for (let attempt = 1; attempt <= mostAttempts; attempt++) {
        const [row] = await this.#send(statement, values, deadline)
        if (row !== undefined) return row
        if (attempt > 1) await pause(attempt)
      }
      throw new StoreError('unavailable', 'A record changed each time that Postgres was asked for it')
    })
  }

  /** Refuses all work from now on. */
  close(): void {
    this.#isClosed = true
  }

  /** One operation: a bounded number of them at once, each for a bounded time. */
  async #bounded<Answer>(work: (deadline: Deadline) => Promise<Answer>): Promise<Answer> {
    if (this.#pending >= this.#limits.maxPendingOperations) {
      throw new StoreError('unavailable', 'Too many operations of the Postgres store wait for an answer')
    }
    this.#pending++
    try {
      return await this.#deadlines.within(work)
    } finally {
      this.#pending--
    }
  }

  async #send(statement: Statement, values: readonly PostgresValue[], deadline: Deadline): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt++) {
      if (this.#isClosed) throw new StoreError('unavailable', 'The Postgres store is closed')
      try {
        if (!this.#tables.areChecked) await this.#tables.check()
        return await this.#query(statement, values, deadline)
      } catch (error) {
        if (isUndefined(error)) this.#tables.forget()
        if (attempt === mostAttempts || !isConflict(error)) throw asStoreError(error)
      }
      await pause(attempt)
    }
  }
}

/** Up to 2 ms after the first attempt, and up to 128 ms after the seventh: those that collided once come at different times. */
function pause(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1 + randomBelow(2 ** attempt)))
}
