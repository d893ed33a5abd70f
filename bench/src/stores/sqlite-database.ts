import { sqliteStore } from '@latchkey/stores/sqlite'
import { databaseFile, openDatabase } from '@latchkey/tests/dist/stores/sqlite-files.js'
import { type Database, latchkeySubject, type StoreSubject, storedText } from './store-subject.js'

/** Two files of one library, in WAL mode, which wait for no disk. */
export async function sqliteDatabase(): Promise<Database> {
  const [own, other] = [databaseFile(), databaseFile()]
  const store = sqliteStore({ file: own.file, synchronous: 'normal' })
  const database = openDatabase(other.file)
  return {
    name: 'SQLite, synchronous normal',
    subjects: [bare(database), latchkeySubject('Latchkey sqliteStore()', store.idempotency)],
    close: async () => {
      await store.close()
      database.close()
      own.remove()
      other.remove()
    },
  }
}

function bare(database: ReturnType<typeof openDatabase>): StoreSubject {
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = NORMAL')
  database.exec('CREATE TABLE bare (id TEXT PRIMARY KEY, token TEXT, content TEXT, expires_at_ms INTEGER)')
  const insert = database.prepare('INSERT INTO bare (id, token, expires_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const update = database.prepare('UPDATE bare SET content = ? WHERE id = ? AND token = ?')
  const select = database.prepare('SELECT content FROM bare WHERE id = ?')
  return {
    name: 'two prepared statements',
    kind: 'floor',
    remark: 'no fingerprint, no lease, no expiry',
    first: async (key) => {
      insert.run(key, key, Date.now() + 86_400_000)
      update.run(storedText, key, key)
    },
    replay: async (key) => {
      if (select.get(key) === undefined) throw new Error('no reply')
    },
  }
}
