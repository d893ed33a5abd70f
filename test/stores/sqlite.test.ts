import { storeSuite } from '@latchkey/conformance'
import Libsql from 'libsql'
import { sqliteOpener } from './sqlite-opener.js'

// By node:sqlite on a Node that has it, by libsql elsewhere.
storeSuite('SQLite on a file', { open: sqliteOpener((file) => ({ options: { file, synchronous: 'normal' } })) })

storeSuite('SQLite on a connection of libsql', {
  open: sqliteOpener((file) => {
    const database = new Libsql(file)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    return { options: { database }, close: () => database.close() }
  }),
})
