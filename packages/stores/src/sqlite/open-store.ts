import { ConfigurationError, type Store, StoreError } from '@latchkey/core'
import { Rates } from '../rates.js'
import { checkDatabase, openFile, type SqliteDatabase } from './client.js'
import { databaseClock } from './clock.js'
import { Connection } from './connection.js'
import { isBusy, storeError } from './fault.js'
import { SqliteIdempotencyStore } from './idempotency.js'
import { SqliteKeyStore } from './keys.js'
import { sqliteWindows } from './rates.js'
import { SqliteReplayStore } from './replay.js'
import { prepareSchema } from './schema.js'
import { SqliteTokenStore } from './tokens.js'

/** How the store runs on its connection. */
export interface StoreSettings {
  readonly busyTimeoutSeconds: number
  readonly now: (() => number) | undefined
}

/** How long opening may wait for other processes that open the same file, and how long between two tries. */
const openingTimeoutMs = 5000
const openingPauseMs = 10

/** The store on a file of its own, which it closes. */
export function storeOnFile(file: string, synchronous: 'full' | 'normal', settings: StoreSettings): Store {
  const database = naming('file', () => openFile(file))
  const open = () => {
    // In a WAL, readers and a writer do not wait for each other. A write waits in Connection, off the event loop.
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA busy_timeout = 0`)
    return storeOn(database, settings, () => database.close())
  }
  try {
    return naming('file', open)
  } catch (error) {
    database.close()
    throw error
  }
}

/** The store on a connection of the application's, whose settings it leaves alone. */
export function storeOnDatabase(database: unknown, settings: StoreSettings): Store {
  checkDatabase(database)
  return naming('database', () => storeOn(database, settings, () => undefined))
}

function storeOn(database: SqliteDatabase, { busyTimeoutSeconds, now }: StoreSettings, close: () => unknown): Store {
  const connection = new Connection(database, busyTimeoutSeconds)
  prepareSchema(database, connection)
  const injected = now && (() => Math.floor(now()))
  const clock = injected ?? databaseClock(connection)
  const keys = new SqliteKeyStore(connection)
  let isClosed = false
  return {
    keys,
    rates: new Rates(sqliteWindows(connection, clock)),
    idempotency: new SqliteIdempotencyStore(connection, clock),
    replay: new SqliteReplayStore(connection, clock),
    tokens: new SqliteTokenStore(connection, clock),
    close: async () => {
      if (isClosed) return
      isClosed = true
      keys.close()
      connection.close()
      close()
    },
  }
}

/** Opens, again as long as another process is opening too; what else goes wrong is the option's fault. */
function naming<Answer>(option: 'file' | 'database', open: () => Answer): Answer {
  const deadlineMs = performance.now() + openingTimeoutMs
  for (;;) {
    try {
      return open()
    } catch (error) {
      if (error instanceof ConfigurationError || error instanceof StoreError) throw error
      if (!isBusy(error)) throw unusable(option, error)
      if (performance.now() > deadlineMs) throw storeError(error)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, openingPauseMs)
    }
  }
}

function unusable(option: 'file' | 'database', error: unknown): ConfigurationError {
  const expected = {
    file: 'the path of a SQLite database, or of none yet in a directory that exists and can be written to',
    database: 'a connection that may make and write tables named latchkey_…',
  }
  const came = error instanceof Error ? error.message : String(error)
  return new ConfigurationError('invalid-option', `sqliteStore: "${option}" must be ${expected[option]}: ${came}`)
}
