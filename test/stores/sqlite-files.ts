import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SqliteDatabase } from '@latchkey/stores/sqlite'

/** A path for a database in a folder of its own. */
export function databaseFile(): { file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-sqlite-'))
  return { file: join(folder, 'latchkey.db'), remove: () => rmSync(folder, { recursive: true }) }
}

type Database = SqliteDatabase & { close(): void }

/**
 * A connection by the library that the store itself would take: locks are a process's, and two SQLite libraries in one process
 * do not see each other's.
 */
export function openDatabase(file: string): Database {
  const sqlite = process.getBuiltinModule('node:sqlite') as { DatabaseSync: new (file: string) => Database } | undefined
  return sqlite === undefined ? new (createRequire(import.meta.url)('libsql'))(file) : new sqlite.DatabaseSync(file)
}
