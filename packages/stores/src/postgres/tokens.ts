import type { TokenRecord, TokenStore } from '@latchkey/core'
import { storedText } from '../stored-text.js'
import { tokenRecord } from '../token-row.js'
import type { Connection } from './connection.js'
import type { ExpiredRows } from './expired-rows.js'
import { clock, milliseconds, named } from './statement.js'

/** {@link TokenStore} in the table `latchkey_tokens`. */
export class PostgresTokenStore implements TokenStore {
  readonly #connection: Connection
  readonly #expired: ExpiredRows
  readonly #sql: ReturnType<typeof statements>

  constructor(connection: Connection, schema: string, expired: ExpiredRows) {
    this.#connection = connection
    this.#expired = expired
    this.#sql = statements(schema)
  }

  async insert(record: TokenRecord, ttlSeconds: number, replaces: boolean): Promise<number> {
    const columns = [record.subject, record.purpose, record.data].map(storedText)
    const [expiresAtMs] = await this.#connection.row(
      replaces ? this.#sql.replace : this.#sql.insert,
      this.#connection.nowMs,
      record.id,
      ...columns,
      milliseconds(ttlSeconds),
    )
    this.#expired.onNewRow()
    return Number(expiresAtMs)
  }

  async consume(id: string): Promise<TokenRecord | undefined> {
    const [row] = await this.#connection.rows(this.#sql.consume, this.#connection.nowMs, id)
    return row && tokenRecord(id, row)
  }

  async revokeAll(subject: string, purpose?: string): Promise<number> {
    const { nowMs } = this.#connection
    const what = purpose === undefined ? null : storedText(purpose)
    const [tokens] = await this.#connection.row(this.#sql.revokeAll, nowMs, storedText(subject), what)
    return Number(tokens)
  }
}

/** `$1` of each is the injected time or `null`. */
function statements(schema: string) {
  const table = `${schema}.latchkey_tokens`
  /** $2 id, $3 subject, $4 purpose, $5 data, $6 ttl. */
  const insert = (isOnly: boolean) => `INSERT INTO ${table} AS r (id, subject, purpose, is_only, data, expires_at_ms)
SELECT $2::text, $3::text, $4::text, ${isOnly}, $5::text, now_ms + $6::bigint FROM clock`
  return {
    insert: named(
      'token_insert',
      `WITH ${clock} ${insert(false)}
ON CONFLICT (id) DO UPDATE SET expires_at_ms = excluded.expires_at_ms RETURNING r.expires_at_ms`,
    ),
    // Of two that replace at once neither sees the other's row; the index on `is_only` lets one row be, and the later takes it.
    replace: named(
      'token_replace',
      `WITH ${clock},
earlier AS (DELETE FROM ${table} r WHERE r.subject = $3::text AND r.purpose = $4::text AND NOT r.is_only)
${insert(true)}
ON CONFLICT (subject, purpose) WHERE is_only DO UPDATE SET
  id = excluded.id, data = excluded.data, expires_at_ms = excluded.expires_at_ms
RETURNING r.expires_at_ms`,
    ),
    consume: named(
      'token_consume',
      `WITH ${clock} DELETE FROM ${table} r USING clock WHERE r.id = $2::text AND r.expires_at_ms > now_ms
RETURNING r.subject, r.purpose, r.data`,
    ),
    /** $2 subject, $3 purpose or `null`. */
    revokeAll: named(
      'token_revoke',
      `WITH ${clock}, removed AS (
  DELETE FROM ${table} r WHERE r.subject = $2::text AND ($3::text IS NULL OR r.purpose = $3::text)
  RETURNING r.expires_at_ms
)
SELECT count(*) FROM removed, clock WHERE removed.expires_at_ms > now_ms`,
    ),
  }
}
