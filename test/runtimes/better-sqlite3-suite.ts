import { createRequire } from 'node:module'
import { storeSuite } from '@latchkey/conformance'
import type { SqliteDatabase } from '@latchkey/stores/sqlite'
import { sqliteOpener } from '../stores/sqlite-opener.js'

type DatabaseClass = new (file: string) => SqliteDatabase & { close(): void }

/** Compiled for the Node that runs this, see `installBetterSqlite3`. */
const Database = createRequire(process.env.LATCHKEY_BETTER_SQLITE3 ?? '')('better-sqlite3') as DatabaseClass

storeSuite('SQLite on a connection of better-sqlite3', {
  open: sqliteOpener((file) => {
    const database = new Database(file)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    return { options: { database }, close: () => database.close() }
  }),
})
