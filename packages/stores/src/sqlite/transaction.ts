import { ConfigurationError, type FencedWrite, type RecordTransaction } from '@latchkey/core'
import { checkDatabase, type SqliteDatabase } from './client.js'
import { Connection } from './connection.js'
import { isInTransaction } from './in-transaction.js'
import { RecordWrites } from './record-writes.js'

/** Writes records through transactions of the application's, each on a connection that it has opened. */
export class Transactions {
  readonly #now: () => number
  readonly #known = new WeakMap<object, RecordTransaction<FencedWrite>>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Of this database they are written through the store's own connection. */
  share(database: SqliteDatabase, connection: Connection): void {
    this.#known.set(database, recordTransaction(database, connection, this.#now))
  }

  /** @throws ConfigurationError where it is no connection, or to a database without the store's tables. */
  on(database: unknown): RecordTransaction<FencedWrite> {
    checkDatabase(database)
    const known = this.#known.get(database)
    if (known !== undefined) return known
    const connection = new Connection(database, { busyTimeoutSeconds: 0, isShared: true })
    const transaction = recordTransaction(database, connection, this.#now)
    this.#known.set(database, transaction)
    return transaction
  }
}

function recordTransaction(
  database: SqliteDatabase,
  connection: Connection,
  now: () => number,
): RecordTransaction<FencedWrite> {
  const writes = recordWrites(connection)
  const finish = (
    id: string,
    token: string,
    state: 'settled' | 'tombstone',
    content: Uint8Array,
    ttlSeconds: number,
  ): FencedWrite => {
    if (!isInTransaction(database)) {
      throw new ConfigurationError(
        'cannot-settle',
        'sqliteStore: no transaction is open on the connection: call settleIn between its BEGIN and its COMMIT',
      )
    }
    connection.finishReads()
    // Takes the lock, where the application has not yet: what exec runs leaves nothing open when that fails, see Connection.
    database.exec('DELETE FROM latchkey_meta WHERE 0')
    const nowMs = now()
    return writes.fenced(id, token, nowMs, () =>
      writes.finish(id, token, state, content, nowMs + Math.ceil(ttlSeconds * 1000)),
    )
  }
  return {
    isSynchronous: true,
    settle: (id, token, reply, ttlSeconds) => finish(id, token, 'settled', reply, ttlSeconds),
    tombstone: (id, token, note, ttlSeconds) => finish(id, token, 'tombstone', note, ttlSeconds),
  }
}

function recordWrites(connection: Connection): RecordWrites {
  try {
    return new RecordWrites(connection)
  } catch (error) {
    const came = error instanceof Error ? error.message : String(error)
    throw new ConfigurationError(
      'unsupported-client',
      `sqliteStore: "transaction" takes a connection to the database that the store is in: ${came}`,
    )
  }
}
