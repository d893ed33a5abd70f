import { ConfigurationError } from '@latchkey/core'
import type { SqliteDatabase } from './client.js'
import type { Connection } from './connection.js'

/**
 * What brings the tables from each version to the next, the first of them from none. Rows with a unique index on the id, instead
 * of rows within that index: writing them takes two thirds of the time. There is no index on what expires: `ExpiredRows` goes
 * round the table instead.
 */
const steps: readonly string[] = [
  `CREATE TABLE latchkey_meta (
  name TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL
) STRICT;
CREATE TABLE latchkey_idempotency (
  id TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  token TEXT,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  lease_until_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  content BLOB
) STRICT;
CREATE TABLE latchkey_replay (
  id TEXT NOT NULL UNIQUE,
  token TEXT NOT NULL,
  state TEXT NOT NULL,
  lease_until_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE latchkey_keys (
  id TEXT NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  environment TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  pepper_id TEXT,
  digest TEXT NOT NULL,
  name TEXT,
  owner_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  metadata TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER,
  disabled_at_ms INTEGER,
  revoked_at_ms INTEGER,
  revocation_reason TEXT
) STRICT;
CREATE INDEX latchkey_keys_of_owner ON latchkey_keys (owner_id, id);
INSERT INTO latchkey_meta VALUES ('schema', '0');`,
  `CREATE TABLE latchkey_tokens (
  id TEXT NOT NULL UNIQUE,
  subject TEXT NOT NULL,
  purpose TEXT NOT NULL,
  data TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX latchkey_tokens_of_subject ON latchkey_tokens (subject, purpose);`,
  `ALTER TABLE latchkey_keys ADD COLUMN lookup TEXT;
ALTER TABLE latchkey_keys ADD COLUMN allowed_ips TEXT;
ALTER TABLE latchkey_keys ADD COLUMN rate_limit TEXT;
ALTER TABLE latchkey_keys ADD COLUMN idle_seconds INTEGER;
ALTER TABLE latchkey_keys ADD COLUMN last_used_at_ms INTEGER;
ALTER TABLE latchkey_keys ADD COLUMN rotated_to TEXT;
ALTER TABLE latchkey_keys ADD COLUMN rotated_from TEXT;
ALTER TABLE latchkey_keys ADD COLUMN grace_on_use_seconds INTEGER;
ALTER TABLE latchkey_keys ADD COLUMN meter_id TEXT NOT NULL DEFAULT '';
UPDATE latchkey_keys SET meter_id = id;
CREATE UNIQUE INDEX latchkey_keys_of_lookup ON latchkey_keys (lookup) WHERE lookup IS NOT NULL;
CREATE INDEX latchkey_keys_of_meter ON latchkey_keys (meter_id);
CREATE TABLE latchkey_quotas (
  meter_id TEXT NOT NULL UNIQUE,
  remaining INTEGER NOT NULL,
  amount INTEGER,
  every_seconds INTEGER,
  refill_at_ms INTEGER
) STRICT;`,
  `CREATE TABLE latchkey_rates (
  id TEXT NOT NULL UNIQUE,
  requests INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;`,
]

/** Grows with every change to the tables. */
const schemaVersion = steps.length

/**
 * Makes the tables where there are none, brings those of an older version up to this one, and refuses those of a later one. All
 * that is missing is made in one transaction: another process sees the tables of one version, whole.
 */
export function prepareSchema(database: SqliteDatabase, connection: Connection): void {
  if (Number(versionIn(connection)) < schemaVersion) {
    connection.transaction(() => {
      const missing = steps.slice(Number(versionIn(connection)))
      for (const step of missing) database.exec(step)
      if (missing.length > 0) database.exec(`UPDATE latchkey_meta SET value = '${schemaVersion}' WHERE name = 'schema'`)
    })
  }
  const version = versionIn(connection)
  if (version === String(schemaVersion)) return
  throw new ConfigurationError(
    'invalid-option',
    `sqliteStore: the tables in this database are of version ${version}, and this version of @latchkey/stores ` +
      `knows versions up to ${schemaVersion} only: use the one that made them, or another database`,
  )
}

/** `0` where there are no tables. */
function versionIn(connection: Connection): string {
  const isThere = connection.prepare(`SELECT name FROM sqlite_schema WHERE name = 'latchkey_meta'`)
  if (connection.first(isThere) === undefined) return '0'
  const schema = connection.first(connection.prepare(`SELECT value FROM latchkey_meta WHERE name = 'schema'`))
  return String(schema?.value)
}
