import { ConfigurationError } from '@latchkey/core'
import type { SqliteDatabase } from './client.js'
import { type SqliteStore, type StoreSettings, storeOnDatabase, storeOnFile } from './open-store.js'

export type { SqliteDatabase, SqliteStatement, SqliteValue } from './client.js'
export type { SqliteStore } from './open-store.js'

/** Where the tables are, one of `file` and `database`, and how they are written. */
export interface SqliteStoreOptions {
  /**
   * The path of a database, opened with `node:sqlite` or else `libsql`, and made where there is none; its directory has to exist.
   * `:memory:` for a database that goes with the store. Several processes of one machine can share a file; a file on a network
   * share cannot be locked.
   *
   * @remarks Insecure if this process opens the same file with another SQLite library, too: neither sees the other's locks
   * (sqlite.org/howtocorrupt.html, section 2.2.1). Hand your own connection over as `database` instead.
   */
  readonly file?: string
  /**
   * A connection that the application has opened with `node:sqlite`, `libsql`, `better-sqlite3` or `bun:sqlite`, and closes
   * itself. Its settings stay as they are: `PRAGMA journal_mode = WAL`, `synchronous = FULL` and `busy_timeout = 0` are what a
   * `file` gets. A busy timeout of the connection's own blocks the event loop for that long before `busyTimeoutSeconds` is looked
   * at.
   */
  readonly database?: SqliteDatabase
  /**
   * Of a `file`: `full` waits for the disk with each write, and what was answered survives a power failure. `normal` is some six
   * times faster; what was answered survives the end of the process, and a power failure may lose the last writes.
   *
   * @defaultValue `'full'`
   */
  readonly synchronous?: 'full' | 'normal'
  /**
   * How long an operation may wait for the lock of another process, 0 to 60. The event loop runs on meanwhile. Then the store is
   * unavailable, and guards answer 503. Longer than a guard's own timeout it has no effect.
   *
   * @defaultValue `0.8`
   */
  readonly busyTimeoutSeconds?: number
  /**
   * The store's clock, in epoch milliseconds: for tests.
   *
   * @defaultValue a clock that all processes on the database share, and that setting the wall clock does not touch (on Linux)
   */
  readonly now?: () => number
}

const optionNames: readonly string[] = ['file', 'database', 'synchronous', 'busyTimeoutSeconds', 'now']

/**
 * Every store contract in a SQLite database: for services on one machine, of one process or several. The tables are named
 * `latchkey_…` and are made when they are missing. Calls are synchronous; expired rows go a few at a time, with new ones.
 *
 * @throws `ConfigurationError` where the options, the file, the connection or the tables in it do not fit.
 *
 * @example
 * ```ts
 * import { sqliteStore } from '@latchkey/stores/sqlite'
 *
 * const store = sqliteStore({ file: 'latchkey.db' })
 * ```
 */
export function sqliteStore(options: SqliteStoreOptions): SqliteStore {
  for (const name of Object.keys(options ?? {})) {
    if (!optionNames.includes(name)) {
      throw new ConfigurationError('invalid-option', `sqliteStore: there is no option "${name}"`)
    }
  }
  const { file, database, synchronous, busyTimeoutSeconds = 0.8, now } = options ?? {}
  if (!(busyTimeoutSeconds >= 0 && busyTimeoutSeconds <= 60)) {
    throw invalid('busyTimeoutSeconds', 'a number from 0 to 60', busyTimeoutSeconds)
  }
  if (now !== undefined && typeof now !== 'function') throw invalid('now', 'a function', now)
  if (synchronous !== undefined && synchronous !== 'full' && synchronous !== 'normal') {
    throw invalid('synchronous', "'full' or 'normal'", synchronous)
  }
  const settings: StoreSettings = { busyTimeoutSeconds, now }
  if (database !== undefined) {
    if (file !== undefined)
      throw new ConfigurationError('invalid-option', 'sqliteStore: "file" and "database" are two stores')
    if (synchronous !== undefined) throw invalid('synchronous', 'left to the connection', synchronous)
    return storeOnDatabase(database, settings)
  }
  // libsql would connect to a server.
  if (typeof file !== 'string' || file === '' || /^[a-z]+:\/\//i.test(file)) throw invalid('file', 'a path', file)
  return storeOnFile(file, synchronous ?? 'full', settings)
}

function invalid(name: string, expected: string, value: unknown): ConfigurationError {
  const came = typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeof value
  return new ConfigurationError('invalid-option', `sqliteStore: "${name}" must be ${expected}, it is ${came}`)
}
