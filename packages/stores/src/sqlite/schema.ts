import { ConfigurationError } from '@latchkey/core'
import type { SqliteDatabase } from './client.js'
import type { Connection } from './connection.js'

/** Grows with every change to the tables. */
const version = '1'

/**
 * Rows with a unique index on the id, instead of rows within that index: writing them takes two thirds of the time. There is no
 * index on what expires: `ExpiredRows` goes round the table instead.
 */
const tables = `
CREATE TABLE latchkey_meta (
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
INSERT INTO latchkey_meta VALUES ('schema', '${version}');
`

/** Makes the tables where there are none, and refuses those of another version. */
export function prepareSchema(database: SqliteDatabase, connection: Connection): void {
  const isThere = connection.prepare(`SELECT name FROM sqlite_schema WHERE name = 'latchkey_meta'`)
  if (connection.first(isThere) === undefined) {
    connection.transaction(() => {
      if (connection.first(isThere) === undefined) database.exec(tables)
    })
  }
  const schema = connection.first(connection.prepare(`SELECT value FROM latchkey_meta WHERE name = 'schema'`))
  if (schema?.value === version) return
  throw new ConfigurationError(
    'invalid-option',
    `sqliteStore: the tables in this database are of version ${String(schema?.value)}, and this version of @latchkey/stores ` +
      `knows version ${version} only: use the one that made them, or another database`,
  )
}
