import { ConfigurationError, type Store } from '@latchkey/core'
import { Rates } from '../rates.js'
import { textFrom } from '../stored-text.js'
import { type Listener, Subscription } from '../subscription.js'
import { type PostgresClient, queryOf } from './client.js'
import { Connection } from './connection.js'
import { ExpiredRows } from './expired-rows.js'
import { PostgresIdempotencyStore } from './idempotency.js'
import { keyLines } from './key-line.js'
import { PostgresKeyStore } from './keys.js'
import { hearIdleErrors } from './pool-errors.js'
import { postgresWindows } from './rates.js'
import { PostgresReplayStore } from './replay.js'
import { migrationSql, quotedSchema } from './schema.js'
import { asStoreError, Tables } from './tables.js'
import { PostgresTokenStore } from './tokens.js'

export type { PgClient, PgliteClient, PostgresClient, PostgresJsClient, PostgresValue, Row } from './client.js'

/** Whose connections the store uses, and where its tables are. */
export interface PostgresStoreOptions {
  /**
   * A `Pool` or `Client` of `pg`, the `sql` of `postgres` (postgres.js) or a `PGlite`. The application makes it, sets its limits and
   * closes it; the store holds a connection for one statement at a time, never while a handler runs. A single `Client`
   * does not come back after its connection is lost.
   */
  readonly client: PostgresClient
  /**
   * What listens for changes of keys: a connection of its own beside those of this `Pool` of `pg`, or as postgres.js and `PGlite` do
   * it. Only what watches keys listens, such as the cache of `apiKeys`. Needed where `client` cannot listen: a single `Client`, and
   * what goes through a proxy in transaction mode.
   *
   * @defaultValue `client`
   */
  readonly listener?: PostgresClient
  /**
   * The schema of the tables, 1 to 63 letters, digits, `_` and `-`. Two stores in two schemas know nothing of each other.
   *
   * @defaultValue `'public'`
   */
  readonly schema?: string
  /**
   * Whether statements are prepared, each once a connection, which doubles the throughput. `false` for a proxy in transaction mode
   * that cannot do that, such as PgBouncer before 1.21.
   *
   * @defaultValue `true`
   */
  readonly prepare?: boolean
  /**
   * How many operations may wait for an answer at once, 1 to 1000000. Beyond that the store is unavailable, and guards answer 503:
   * what waits takes memory.
   *
   * @defaultValue `10000`
   */
  readonly maxPendingOperations?: number
  /**
   * The store's clock, in epoch milliseconds: for tests.
   *
   * @defaultValue the database's clock
   */
  readonly now?: () => number
}

/** A store in Postgres, and what its operators do with it. */
export interface PostgresStore extends Store {
  /**
   * Makes the tables, or brings those of an older version up to this one; changes nothing where they are as they should be. Of any
   * number of processes at once, one does the work. The store never does this by itself.
   *
   * @throws `ConfigurationError` where the tables are of a later version, or the client's user may not make them.
   */
  migrate(): Promise<void>
  /**
   * Looks whether the tables are there and of this version: for the start of an application. The first operation does it otherwise.
   *
   * @throws `ConfigurationError` where they are not, and says what to do. `StoreError` where Postgres does not answer.
   */
  check(): Promise<void>
  /** Removes all that has expired, in statements of 512 rows each, and tells how many rows; some go with new rows anyway. */
  purge(): Promise<number>
}

const optionNames: readonly string[] = ['client', 'listener', 'schema', 'prepare', 'maxPendingOperations', 'now']

/**
 * Every store contract in Postgres: for any number of processes on any number of hosts. Each operation is one statement, a
 * transaction of its own, by the database's clock. The tables are named `latchkey_…`; `migrate()` makes them.
 *
 * @throws `ConfigurationError` where the options or the client do not fit.
 *
 * @example
 * ```ts
 * import { postgresStore } from '@latchkey/stores/postgres'
 * import { Pool } from 'pg'
 *
 * const pool = new Pool({ connectionString: 'postgres://localhost/app', connectionTimeoutMillis: 900, query_timeout: 1900 })
 * const store = postgresStore({ client: pool })
 * await store.migrate()
 * ```
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  for (const name of Object.keys(options ?? {})) {
    if (!optionNames.includes(name)) {
      throw new ConfigurationError('invalid-option', `postgresStore: there is no option "${name}"`)
    }
  }
  const { client, listener, schema = 'public', prepare = true, maxPendingOperations = 10_000, now } = options ?? {}
  const quoted = quotedSchema(schema)
  if (typeof prepare !== 'boolean') throw invalid('prepare', 'true or false', prepare)
  if (!(Number.isInteger(maxPendingOperations) && maxPendingOperations >= 1 && maxPendingOperations <= 1_000_000)) {
    throw invalid('maxPendingOperations', 'a whole number from 1 to 1000000', maxPendingOperations)
  }
  if (now !== undefined && typeof now !== 'function') throw invalid('now', 'a function', now)
  const query = queryOf(client, prepare)
  const tables = new Tables(query, schema)
  const connection = new Connection(query, tables, maxPendingOperations, now)
  const records = new ExpiredRows(connection, quoted, 'latchkey_idempotency')
  const messages = new ExpiredRows(connection, quoted, 'latchkey_replay')
  const tokens = new ExpiredRows(connection, quoted, 'latchkey_tokens')
  const windows = new ExpiredRows(connection, quoted, 'latchkey_rates')
  const expiring = [records, messages, tokens, windows]
  if (listener !== undefined) queryOf(listener, prepare, 'listener')
  const told = (payload: string, { changed }: Listener) => {
    if (payload === `${schema}.`) changed()
    else if (payload.startsWith(`${schema}.`)) changed(textFrom(payload.slice(schema.length + 1)))
  }
  const changes = new Subscription(() => keyLines(listener ?? client, query, told), asStoreError)
  hearIdleErrors(client)
  return {
    keys: new PostgresKeyStore(connection, quoted, changes),
    rates: new Rates(postgresWindows(connection, quoted, windows)),
    idempotency: new PostgresIdempotencyStore(connection, quoted, records),
    replay: new PostgresReplayStore(connection, quoted, messages),
    tokens: new PostgresTokenStore(connection, quoted, tokens),
    migrate: () => tables.migrate(),
    check: () => tables.check(),
    purge: async () => {
      let removed = 0
      for (const rows of expiring) removed += await rows.removeAll()
      return removed
    },
    close: async () => {
      changes.close()
      connection.close()
      await Promise.all(expiring.map((rows) => rows.idle()))
    },
  }
}

/**
 * What `migrate()` runs, to print for those who change their database themselves: one SQL statement that can be run again, by a
 * user who may make tables in the schema.
 */
export function schemaSql({ schema = 'public' }: Pick<PostgresStoreOptions, 'schema'> = {}): string {
  return migrationSql(schema)
}

function invalid(name: string, expected: string, value: unknown): ConfigurationError {
  const came = typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeof value
  return new ConfigurationError('invalid-option', `postgresStore: "${name}" must be ${expected}, it is ${came}`)
}
