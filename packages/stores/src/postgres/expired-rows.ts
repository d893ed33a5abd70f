import type { Statement } from './client.js'
import type { Connection } from './connection.js'
import { clock, named } from './statement.js'

/** Every so many new rows, so many rows are looked at: a round through the table ends before it has grown by a third. */
const newRowsBetween = 128
const rowsAtOnce = 512

/** In each table the state, if any, in which a row has a lease. */
const leased = {
  latchkey_idempotency: 'running',
  latchkey_replay: 'reserved',
  latchkey_tokens: undefined,
  latchkey_rates: undefined,
} as const

/**
 * Removes what has expired from one table, a page of ids at a time: in the background while new rows come, or all at once. Rows
 * that another transaction is at are passed over.
 */
export class ExpiredRows {
  readonly #connection: Connection
  readonly #statement: Statement
  #newRows = 0
  #position = ''
  #page: Promise<unknown> | undefined

  constructor(connection: Connection, schema: string, table: keyof typeof leased) {
    this.#connection = connection
    this.#statement = pageStatement(`${schema}.${table}`, leased[table])
  }

  /** Told of each new row. */
  onNewRow(): void {
    this.#newRows++
    if (this.#newRows < newRowsBetween || this.#page !== undefined) return
    this.#newRows = 0
    const isOver = () => {
      this.#page = undefined
    }
    // What goes wrong here goes wrong where somebody waits for an answer, too.
    this.#page = this.#removePage(this.#position)
      .then(({ last }) => {
        this.#position = last
      })
      .then(isOver, isOver)
  }

  /** Goes through the whole table; how many rows it has removed. */
  async removeAll(): Promise<number> {
    let removed = 0
    let position = ''
    do {
      const page = await this.#removePage(position)
      removed += page.removed
      position = page.last
    } while (position !== '')
    return removed
  }

  /** Waits for the page that is under way. */
  async idle(): Promise<void> {
    await this.#page
  }

  /** `last` is the last id of a full page; empty at the end of the table. */
  async #removePage(after: string): Promise<{ last: string; removed: number }> {
    const row = await this.#connection.row(this.#statement, this.#connection.nowMs, after, rowsAtOnce)
    return { last: (row[0] ?? '') as string, removed: Number(row[1]) }
  }
}

/** $2 after, $3 how many. No row goes whose lease is live, whatever else is written in it. */
function pageStatement(table: string, state: string | undefined): Statement {
  const isLive = state === undefined ? 'false' : `(r.state = '${state}' AND r.lease_until_ms > now_ms)`
  return named(
    'purge',
    `WITH ${clock},
page AS MATERIALIZED (SELECT id, expires_at_ms FROM ${table} WHERE id > $2::text ORDER BY id LIMIT $3::integer),
expired AS MATERIALIZED (
  SELECT r.id FROM ${table} r, clock
  WHERE r.id IN (SELECT page.id FROM page, clock WHERE page.expires_at_ms <= now_ms)
    AND r.expires_at_ms <= now_ms AND NOT ${isLive}
  FOR UPDATE OF r SKIP LOCKED
),
removed AS (DELETE FROM ${table} r USING expired WHERE r.id = expired.id RETURNING 1)
SELECT (SELECT CASE WHEN count(*) = $3::integer THEN max(id) END FROM page), (SELECT count(*) FROM removed)`,
  )
}
