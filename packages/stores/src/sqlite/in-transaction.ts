import type { SqliteDatabase } from './client.js'

/** Whether a transaction is open on the connection. `better-sqlite3`, `libsql` and newer `node:sqlite` tell; others are tried. */
export function isInTransaction(database: SqliteDatabase): boolean {
  const { inTransaction, isTransaction } = database as { inTransaction?: unknown; isTransaction?: unknown }
  if (typeof inTransaction === 'boolean') return inTransaction
  if (typeof isTransaction === 'boolean') return isTransaction
  try {
    // Deferred: it takes no lock.
    database.exec('BEGIN')
  } catch (error) {
    if (isNested(error)) return true
    throw error
  }
  database.exec('ROLLBACK')
  return false
}

/** What SQLite says to a `BEGIN` inside a transaction. */
export function isNested(error: unknown): boolean {
  return error instanceof Error && error.message.includes('within a transaction')
}
