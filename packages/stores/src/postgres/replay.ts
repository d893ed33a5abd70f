import { type ReplayStore, type Reservation, StoreError } from '@latchkey/core'
import type { Connection } from './connection.js'
import type { ExpiredRows } from './expired-rows.js'
import { clock, milliseconds, named } from './statement.js'

/** How long a lapsed reservation stays. */
const lapsedMs = 3_600_000

/** {@link ReplayStore} in the table `latchkey_replay`. */
export class PostgresReplayStore implements ReplayStore {
  readonly #connection: Connection
  readonly #expired: ExpiredRows
  readonly #sql: ReturnType<typeof statements>

  constructor(connection: Connection, schema: string, expired: ExpiredRows) {
    this.#connection = connection
    this.#expired = expired
    this.#sql = statements(schema)
  }

  async reserve(id: string, token: string, leaseSeconds: number): Promise<Reservation> {
    const { nowMs } = this.#connection
    const [outcome, leaseRemainingMs] = await this.#connection.row(
      this.#sql.reserve,
      nowMs,
      id,
      token,
      milliseconds(leaseSeconds),
    )
    switch (outcome) {
      case 'reserved':
        this.#expired.onNewRow()
        return { outcome }
      case 'running':
        return { outcome, leaseRemainingMs: Number(leaseRemainingMs) }
      case 'committed':
        return { outcome }
      default:
        throw new StoreError('corrupt', 'A message of the replay window is in a state that does not exist')
    }
  }

  async commit(id: string, token: string, ttlSeconds: number): Promise<'ok' | 'stale'> {
    const { nowMs } = this.#connection
    const rows = await this.#connection.rows(this.#sql.commit, nowMs, id, token, milliseconds(ttlSeconds))
    return rows.length > 0 ? 'ok' : 'stale'
  }

  async release(id: string, token: string): Promise<'ok' | 'stale'> {
    const rows = await this.#connection.rows(this.#sql.release, this.#connection.nowMs, id, token)
    return rows.length > 0 ? 'ok' : 'stale'
  }
}

function isFree(nowMs: string, token: string): string {
  return `(r.expires_at_ms <= ${nowMs} OR (r.state = 'reserved' AND (r.token = ${token} OR r.lease_until_ms <= ${nowMs})))`
}

/** `$1` of each is the injected time or `null`, `$2` the id, `$3` the token. */
function statements(schema: string) {
  const table = `${schema}.latchkey_replay`
  return {
    /** $4 lease. */
    reserve: named(
      'reserve',
      `WITH ${clock},
found AS MATERIALIZED (
  SELECT r.*, ${isFree('clock.now_ms', '$3::text')} AS is_free FROM ${table} r, clock WHERE r.id = $2::text
),
taken AS (
  INSERT INTO ${table} AS r (id, token, state, lease_until_ms, expires_at_ms)
  SELECT $2::text, $3::text, 'reserved', now_ms + $4::bigint, now_ms + $4::bigint + ${lapsedMs}
  FROM clock WHERE NOT EXISTS (SELECT FROM found WHERE NOT is_free)
  ON CONFLICT (id) DO UPDATE SET token = excluded.token, state = excluded.state,
    lease_until_ms = excluded.lease_until_ms, expires_at_ms = excluded.expires_at_ms
  WHERE ${isFree('(excluded.lease_until_ms - $4::bigint)', 'excluded.token')}
  RETURNING 1
)
SELECT 'reserved', NULL::bigint FROM taken
UNION ALL
SELECT CASE r.state WHEN 'reserved' THEN 'running' WHEN 'committed' THEN 'committed' ELSE 'unknown' END,
  r.lease_until_ms - clock.now_ms
FROM found r, clock WHERE NOT r.is_free`,
    ),
    /** $4 ttl. */
    commit: named(
      'commit',
      `WITH ${clock} UPDATE ${table} r SET state = 'committed',
  expires_at_ms = CASE WHEN r.state = 'reserved' THEN now_ms + $4::bigint ELSE r.expires_at_ms END
FROM clock WHERE r.id = $2::text AND r.token = $3::text AND r.state IN ('reserved', 'committed') AND r.expires_at_ms > now_ms
RETURNING 1`,
    ),
    release: named(
      'give_up',
      `WITH ${clock} DELETE FROM ${table} r USING clock
WHERE r.id = $2::text AND r.token = $3::text AND r.state = 'reserved' AND r.expires_at_ms > now_ms RETURNING 1`,
    ),
  }
}
