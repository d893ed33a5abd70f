import { StoreError } from '@latchkey/core'
import { isNested } from './in-transaction.js'

/** Primary result codes (sqlite.org/rescode.html) that mean something to the store, by their numbers. */
const names: Readonly<Record<number, string>> = { 5: 'BUSY', 6: 'LOCKED', 11: 'CORRUPT', 13: 'FULL', 26: 'NOTADB' }

/** The primary result code behind an error: libsql and better-sqlite3 tell its name, node:sqlite its number. */
function resultCode(error: unknown): string | undefined {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') return names[errcode & 0xff]
  return typeof code === 'string' ? /^SQLITE_([A-Z]+)/.exec(code)?.[1] : undefined
}

/** Whether another connection stands in the way, or a transaction that the application has open on this one. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  if (code === 'BUSY' || code === 'LOCKED') return true
  return isNested(error)
}

/** A driver's error as the guards know it. */
export function storeError(error: unknown): unknown {
  if (error instanceof StoreError) return error
  const options = { cause: error }
  switch (resultCode(error)) {
    case 'FULL':
      return new StoreError('full', 'The SQLite database or its disk is full', options)
    case 'CORRUPT':
    case 'NOTADB':
      return new StoreError('corrupt', 'The SQLite database cannot be read', options)
    case 'BUSY':
    case 'LOCKED':
      return new StoreError('unavailable', 'The SQLite database is locked by another connection', options)
    default:
      return new StoreError('unavailable', 'The SQLite database does not answer', options)
  }
}
