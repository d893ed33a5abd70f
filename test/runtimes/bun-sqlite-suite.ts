import { Database } from 'bun:sqlite'
import { storeSuite } from '@latchkey/conformance'
import { sqliteOpener } from '../stores/sqlite-opener.js'

storeSuite('SQLite on a connection of bun:sqlite', {
  open: sqliteOpener((file) => {
    const database = new Database(file)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    return { options: { database }, close: () => database.close() }
  }),
})
