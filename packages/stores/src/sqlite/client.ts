import { createRequire } from 'node:module'
import { ConfigurationError } from '@latchkey/core'

/** What a parameter may be. */
export type SqliteValue = string | number | null | Uint8Array

/** A prepared statement, as far as the store uses it. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): unknown
  get(...values: SqliteValue[]): unknown
  all(...values: SqliteValue[]): unknown
}

/**
 * A synchronous SQLite connection, as far as the store uses it: `DatabaseSync` of `node:sqlite`, and `Database` of `libsql`,
 * `better-sqlite3` or `bun:sqlite`, are such.
 */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
}

interface ClosableDatabase extends SqliteDatabase {
  close(): unknown
}

type DatabaseClass = new (file: string) => ClosableDatabase

/** A connection of the store's own: by `node:sqlite` where this runtime has it, else by `libsql` where that is installed. */
export function openFile(file: string): ClosableDatabase {
  const Database = builtInDatabase() ?? installedDatabase()
  if (Database === undefined) {
    throw new ConfigurationError(
      'unsupported-client',
      'sqliteStore: "file" needs node:sqlite, which this runtime has not, or the package libsql, which is not installed: ' +
        'run `npm install libsql`, or open the file yourself and hand the connection over as "database"',
    )
  }
  return new Database(file)
}

function builtInDatabase(): DatabaseClass | undefined {
  // Loaded by name and only here: importing it fails where it does not exist, and warns where it is experimental.
  const sqlite = globalThis.process?.getBuiltinModule?.('node:sqlite') as { DatabaseSync?: DatabaseClass } | undefined
  return sqlite?.DatabaseSync
}

function installedDatabase(): DatabaseClass | undefined {
  try {
    return createRequire(import.meta.url)('libsql') as DatabaseClass
  } catch (error) {
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** Refuses what is not a synchronous SQLite connection, by what it is. */
export function checkDatabase(database: unknown): asserts database is SqliteDatabase {
  const came = refusedBecause(database)
  if (came === undefined) return
  throw new ConfigurationError(
    'unsupported-client',
    `sqliteStore: "database" must be an open, synchronous SQLite connection (DatabaseSync of node:sqlite, Database of libsql, better-sqlite3 or bun:sqlite), it is ${came}`,
  )
}

function refusedBecause(database: unknown): string | undefined {
  if (typeof database !== 'object' || database === null) return database === null ? 'null' : `a ${typeof database}`
  const name = `an object of class ${database.constructor?.name ?? '(none)'}`
  const missing = ['exec', 'prepare'].find((method) => !isMethod(database, method))
  if (missing !== undefined) return `${name}, which has no ${missing}()`
  let row: unknown
  try {
    const statement: unknown = (database as SqliteDatabase).prepare('SELECT 1 AS one')
    if (isThenable(statement)) return `${name}, which answers with promises`
    const lacking = ['run', 'get', 'all'].find((method) => !isMethod(statement, method))
    if (lacking !== undefined) return `${name}, whose statements have no ${lacking}()`
    row = (statement as SqliteStatement).get()
  } catch (error) {
    return `${name}, which cannot be asked: ${error instanceof Error ? error.message : 'it throws'}`
  }
  if (isThenable(row)) return `${name}, which answers with promises`
  const isRow = typeof row === 'object' && row !== null && Number((row as { one?: unknown }).one) === 1
  return isRow ? undefined : `${name}, whose rows are not objects`
}

function isMethod(object: unknown, name: string): boolean {
  return typeof (object as Record<string, unknown> | null | undefined)?.[name] === 'function'
}

function isThenable(value: unknown): boolean {
  return isMethod(value, 'then')
}
