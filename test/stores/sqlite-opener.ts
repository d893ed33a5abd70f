import type { StoreSuiteOptions } from '@latchkey/conformance'
import { type SqliteStoreOptions, sqliteStore } from '@latchkey/stores/sqlite'
import { databaseFile, openDatabase } from './sqlite-files.js'

type Place = Pick<SqliteStoreOptions, 'file' | 'database' | 'synchronous'>

/** Opens stores for the store suite, each on a file of its own, by a clock that the suite moves. */
export function sqliteOpener(
  place: (file: string) => { options: Place; close?(): unknown },
): StoreSuiteOptions['open'] {
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
