import type { CountRequest } from '../rates.js'
import { storedText } from '../stored-text.js'
import type { Connection } from './connection.js'
import type { ExpiredRows } from './expired-rows.js'
import { clock, named } from './statement.js'

/** Windows are rows of the table `latchkey_rates`. */
export function postgresWindows(connection: Connection, schema: string, expired: ExpiredRows): CountRequest {
  const statement = countStatement(`${schema}.latchkey_rates`)
  return async (meterId, limit, windowMs) => {
    const row = await connection.row(statement, connection.nowMs, storedText(meterId), limit, windowMs)
    const [requests, leftMs] = row.map(Number)
    if (requests === 1) expired.onNewRow()
    return { requests: requests!, leftMs: leftMs! }
  }
}

/**
 * $2 meter, $3 limit, $4 window in milliseconds. What is refused writes nothing. It answers no row where others have filled the
 * window, or begun another, since it looked.
 */
function countStatement(table: string) {
  const hasEnded = 'r.expires_at_ms <= excluded.expires_at_ms - $4::bigint'
  return named(
    'rate_count',
    `WITH ${clock},
full_window AS MATERIALIZED (
  SELECT r.requests + 1 AS requests, r.expires_at_ms FROM ${table} r, clock
  WHERE r.id = $2::text AND r.requests >= $3::bigint AND r.expires_at_ms > now_ms
),
counted AS (
  INSERT INTO ${table} AS r (id, requests, expires_at_ms)
  SELECT $2::text, 1, now_ms + $4::bigint FROM clock WHERE NOT EXISTS (SELECT FROM full_window)
  ON CONFLICT (id) DO UPDATE SET
    requests = CASE WHEN ${hasEnded} THEN 1 ELSE r.requests + 1 END,
    expires_at_ms = CASE WHEN ${hasEnded} THEN excluded.expires_at_ms ELSE r.expires_at_ms END
  WHERE ${hasEnded} OR r.requests < $3::bigint
  RETURNING r.requests, r.expires_at_ms
)
SELECT requests, expires_at_ms - now_ms FROM full_window, clock
UNION ALL
SELECT requests, expires_at_ms - now_ms FROM counted, clock`,
  )
}
