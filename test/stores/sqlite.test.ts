import { storeSuite } from '@latchkey/conformance'
import { type SqliteStoreOptions, sqliteStore } from '@latchkey/stores/sqlite'
import Libsql from 'libsql'
import { databaseFile, openDatabase } from './sqlite-files.js'

type Place = Pick<SqliteStoreOptions, 'file' | 'database' | 'synchronous'>

function openerOf(place: (file: string) => { options: Place; close?(): unknown }) {
  return () => {
    let nowMs = 1_790_000_000_000
    const { file, remove } = databaseFile()
    const { options, close } = place(file)
    return {
      store: sqliteStore({ ...options, now: () => nowMs }),
      advance: (milliseconds: number) => {
        nowMs += milliseconds
      },
      damage: (id: string) => {
        const other = openDatabase(file)
        other.exec(`UPDATE latchkey_idempotency SET state = 'from the future' WHERE id = '${id}'`)
        other.close()
      },
      dispose: () => {
        close?.()
        remove()
      },
    }
  }
}

// By node:sqlite on a Node that has it, by libsql elsewhere.
storeSuite('SQLite on a file', { open: openerOf((file) => ({ options: { file, synchronous: 'normal' } })) })

storeSuite('SQLite on a connection of libsql', {
  open: openerOf((file) => {
    const database = new Libsql(file)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    return { options: { database }, close: () => database.close() }
  }),
})
