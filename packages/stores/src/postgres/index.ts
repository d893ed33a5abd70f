import { ConfigurationError, type FencedWrite, type RecordTransaction, type Store } from '@latchkey/core'
import { clientQuery, type PostgresClient } from './client.js'
import { Connection } from './connection.js'
import { ExpiredRows } from './expired-rows.js'
import { PostgresIdempotencyStore } from './idempotency.js'
import { PostgresKeyStore } from './keys.js'
import { hearIdleErrors } from './pool-errors.js'
import { PostgresReplayStore } from './replay.js'
import { migrationSql, quotedSchema } from './schema.js'
import { Tables } from './tables.js'
import { type PostgresTransaction, transactionQuery } from './transaction.js'

export type { PgClient, PgliteClient, PostgresClient, PostgresJsClient, PostgresValue, Row } from './client.js'
export type { PostgresTransaction, TransactionQuery } from './transaction.js'

/** Whose connections the store uses, and where its tables are. */
export interface PostgresStoreOptions {
  /**
   * A `Pool` or `Client` of `pg`, the `sql` of `postgres` (postgres.js) or a `PGlite`. The application makes it, sets its limits and
   * closes it; the store holds a connection for one statement at a time, never while a handler runs. A single `Client`
   * does not come back after its connection is lost.
   */
  readonly client: PostgresClient
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
  /**
   * A transaction that the application has begun, in the same database, for `settleIn` of the grant: the record is written through
   * it, in one statement, and commits with all else. Nothing is repeated, and errors are the client's own.
   *
   * @throws `ConfigurationError` `unsupported-client` where it stands outside a transaction, as a `Pool` does, or is unknown.
   */
  transaction(client: PostgresTransaction): RecordTransaction<Promise<FencedWrite>>
}

const optionNames: readonly string[] = ['client', 'schema', 'prepare', 'maxPendingOperations', 'now']

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
  const { client, schema = 'public', prepare = true, maxPendingOperations = 10_000, now } = options ?? {}
  const quoted = quotedSchema(schema)
  if (typeof prepare !== 'boolean') throw invalid('prepare', 'true or false', prepare)
  if (!(Number.isInteger(maxPendingOperations) && maxPendingOperations >= 1 && maxPendingOperations <= 1_000_000)) {
    throw invalid('maxPendingOperations', 'a whole number from 1 to 1000000', maxPendingOperations)
  }
  if (now !== undefined && typeof now !== 'function') throw invalid('now', 'a function', now)
  const query = clientQuery(client, prepare)
  const tables = new Tables(query, schema)
  const connection = new Connection(query, tables, maxPendingOperations, now)
  const records = new ExpiredRows(connection, quoted, 'latchkey_idempotency')
  const messages = new ExpiredRows(connection, quoted, 'latchkey_replay')
  hearIdleErrors(client)
  const idempotency = new PostgresIdempotencyStore(connection, quoted, records)
  return {
    keys: new PostgresKeyStore(connection, quoted),
    idempotency,
    replay: new PostgresReplayStore(connection, quoted, messages),
    migrate: () => tables.migrate(),
    check: () => tables.check(),
    transaction: (opened) => idempotency.within(transactionQuery(opened, prepare)),
    purge: async () => (await records.removeAll()) + (await messages.removeAll()),
    close: async () => {
      connection.close()
      await Promise.all([records.idle(), messages.idle()])
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
