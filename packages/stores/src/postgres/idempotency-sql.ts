import type { Statement } from './client.js'
import { clock, named } from './statement.js'

/** Whether the record `r` can be taken: it has expired; or it runs, under the claim's own token or with a lease that has lapsed. */
function isFree(nowMs: string, fingerprint: string, token: string, takeOver: string): string {
  return `(r.expires_at_ms <= ${nowMs} OR (r.fingerprint = ${fingerprint} AND r.state = 'running'
    AND (r.token = ${token} OR (${takeOver} AND r.lease_until_ms <= ${nowMs}))))`
}

const isLive = `(r.state = 'running' AND r.lease_until_ms > clock.now_ms)`
const shownState = `CASE WHEN r.state = 'running' THEN CASE WHEN r.lease_until_ms <= clock.now_ms THEN 'lapsed' ELSE r.state END
  WHEN r.state IN ('settled', 'tombstone') AND r.content IS NOT NULL THEN r.state ELSE 'unreadable' END`
const record =
  'r.id, r.scope, state.shown, r.attempt, r.fingerprint, r.created_at_ms, r.lease_until_ms, r.expires_at_ms'

/** The statements on `latchkey_idempotency` in a schema. `$1` of each is the injected time, or `null`. */
export function idempotencySql(schema: string) {
  const table = `${schema}.latchkey_idempotency`
  return {
    /** $2 id, $3 scope, $4 fingerprint, $5 token, $6 lease, $7 ttl, $8 whether to take over. */
    claim: named(
      'claim',
      // Reading comes first: an INSERT that meets a record locks it, even where it changes nothing, and a lock is a write.
      `WITH ${clock},
found AS MATERIALIZED (
  SELECT r.*, ${isFree('clock.now_ms', '$4::text', '$5::text', '$8::boolean')} AS is_free
  FROM ${table} r, clock WHERE r.id = $2::text
),
taken AS (
  INSERT INTO ${table} AS r (id, scope, fingerprint, token, state, attempt, created_at_ms, lease_until_ms, expires_at_ms)
  SELECT $2::text, $3::text, $4::text, $5::text, 'running', 1, now_ms, now_ms + $6::bigint, now_ms + $6::bigint + $7::bigint
  FROM clock WHERE NOT EXISTS (SELECT FROM found WHERE NOT is_free)
  ON CONFLICT (id) DO UPDATE SET
    scope = excluded.scope, fingerprint = excluded.fingerprint, token = excluded.token, state = excluded.state, content = NULL,
    lease_until_ms = excluded.lease_until_ms, expires_at_ms = excluded.expires_at_ms,
    created_at_ms = CASE WHEN r.expires_at_ms <= excluded.created_at_ms THEN excluded.created_at_ms ELSE r.created_at_ms END,
    attempt = CASE WHEN r.expires_at_ms <= excluded.created_at_ms THEN 1
      WHEN r.token = excluded.token THEN r.attempt ELSE r.attempt + 1 END
  WHERE ${isFree('excluded.created_at_ms', 'excluded.fingerprint', 'excluded.token', '$8::boolean')}
  RETURNING r.attempt
)
SELECT 'claimed', attempt, NULL::bigint, NULL::bytea FROM taken
UNION ALL
SELECT CASE WHEN r.fingerprint <> $4::text THEN 'mismatch' WHEN ${isLive} THEN 'running' WHEN r.state = 'running' THEN 'lapsed'
    WHEN r.state IN ('settled', 'tombstone') THEN r.state ELSE 'unknown' END,
  r.attempt, r.lease_until_ms - clock.now_ms, CASE WHEN r.fingerprint = $4::text THEN r.content END
FROM found r, clock WHERE NOT r.is_free`,
    ),
    /** $2 id, $3 token, $4 lease, $5 ttl. */
    renew: named(
      'renew',
      `WITH ${clock} UPDATE ${table} r SET lease_until_ms = now_ms + $4::bigint, expires_at_ms = now_ms + $4::bigint + $5::bigint
FROM clock WHERE r.id = $2::text AND r.token = $3::text AND r.state = 'running' AND r.expires_at_ms > now_ms RETURNING 1`,
    ),
    /** $2 id, $3 token, $4 state, $5 content, $6 ttl, $7 whether it may be in that state already; it stays as it is then. */
    finish: named(
      'finish',
      `WITH ${clock} UPDATE ${table} r SET state = $4::text,
  content = CASE WHEN r.state = 'running' THEN $5::bytea ELSE r.content END,
  expires_at_ms = CASE WHEN r.state = 'running' THEN now_ms + $6::bigint ELSE r.expires_at_ms END
FROM clock WHERE r.id = $2::text AND r.token = $3::text AND (r.state = 'running' OR ($7::boolean AND r.state = $4::text))
  AND r.expires_at_ms > now_ms RETURNING 1`,
    ),
    /** $2 id, $3 token. */
    release: named(
      'release',
      `WITH ${clock} DELETE FROM ${table} r USING clock
WHERE r.id = $2::text AND r.token = $3::text AND r.state = 'running' AND r.expires_at_ms > now_ms RETURNING 1`,
    ),
    /** $2 id. */
    find: named(
      'find',
      `WITH ${clock} SELECT ${record}, r.content FROM ${table} r, clock, LATERAL (SELECT ${shownState} AS shown) state
WHERE r.id = $2::text AND r.expires_at_ms > now_ms`,
    ),
    /** $2 after, $3 limit, $4 state or null. */
    list: named(
      'list',
      `WITH ${clock} SELECT ${record} FROM ${table} r, clock, LATERAL (SELECT ${shownState} AS shown) state
WHERE r.id > $2::text AND r.expires_at_ms > now_ms AND ($4::text IS NULL OR state.shown = $4::text)
ORDER BY r.id LIMIT $3::integer`,
    ),
    /** $2 id. */
    releaseByHand: resolved(
      table,
      'release_by_hand',
      `DELETE FROM ${table} r USING clock WHERE r.id = $2::text AND r.expires_at_ms > now_ms AND NOT ${isLive}`,
      'false',
    ),
    /** $2 id, $3 reply, $4 ttl. */
    settleByHand: resolved(
      table,
      'settle_by_hand',
      `UPDATE ${table} r SET token = NULL, state = 'settled', content = $3::bytea, expires_at_ms = now_ms + $4::bigint
FROM clock WHERE r.id = $2::text AND r.expires_at_ms > now_ms AND r.state <> 'settled' AND NOT ${isLive}`,
      `r.state = 'settled'`,
    ),
  }
}

/** A write by hand, or what stands in its way. */
function resolved(table: string, operation: string, write: string, isTooLate: string): Statement {
  return named(
    operation,
    `WITH ${clock},
found AS MATERIALIZED (SELECT r.state, r.lease_until_ms FROM ${table} r, clock WHERE r.id = $2::text AND r.expires_at_ms > now_ms),
written AS (${write} RETURNING 1)
SELECT 'ok' FROM written
UNION ALL SELECT 'live' FROM found r, clock WHERE ${isLive}
UNION ALL SELECT 'settled' FROM found r WHERE ${isTooLate}
UNION ALL SELECT 'absent' WHERE NOT EXISTS (SELECT FROM found)`,
  )
}
