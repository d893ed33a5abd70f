import type { Store } from '@latchkey/core'
import { postgresStore } from '@latchkey/stores/postgres'
import { redisStore } from '@latchkey/stores/redis'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { Redis } from 'ioredis'
import Database from 'libsql'
import { Pool } from 'pg'
import type { Accounts } from './accounts.js'
import type { Payments } from './payments.js'
import { postgresAccounts } from './postgres-accounts.js'
import { postgresPayments } from './postgres-payments.js'
import { sqliteAccounts } from './sqlite-accounts.js'
import { sqlitePayments } from './sqlite-payments.js'

/** Where the application keeps what has to outlive it. */
export interface Storage {
  /** API keys, idempotency records, one-time tokens and the messages of the replay window. */
  readonly store: Store
  readonly payments: Payments
  readonly accounts: Accounts
  close(): Promise<void>
}

export interface StorageOptions {
  /** `sqlite:<file>`, `redis://…` or `postgres://…`. @defaultValue SQLite, in `file` */
  readonly url: string | undefined
  /** Where payments and accounts are beside Redis, which is no place for them. @defaultValue `'payments.db'` */
  readonly file: string | undefined
}

/** Opens what the URL names. In SQLite and Postgres the application's tables are beside the store's. */
export async function openStorage({ file = 'payments.db', url = `sqlite:${file}` }: StorageOptions): Promise<Storage> {
  if (/^rediss?:/.test(url)) return onRedis(url, file)
  if (/^postgres(ql)?:/.test(url)) return onPostgres(url)
  if (/^sqlite:./.test(url)) return onSqlite(url.slice('sqlite:'.length))
  throw new Error('the store must be sqlite:<file>, redis://… or postgres://…')
}

function onSqlite(file: string): Storage {
  const database = openDatabase(file)
  const store = sqliteStore({ database })
  const close = async () => {
    await store.close()
    database.close()
  }
  return { store, payments: sqlitePayments(database), accounts: sqliteAccounts(database), close }
}

async function onRedis(url: string, file: string): Promise<Storage> {
  const client = new Redis(url, { commandTimeout: 900, maxRetriesPerRequest: 1, retryStrategy: () => 200 })
  client.on('error', ({ message }) => console.error(`Redis: ${message}`))
  const store = redisStore({ client })
  try {
    await store.check()
  } catch (error) {
    client.disconnect()
    throw error
  }
  const database = openDatabase(file)
  const close = async () => {
    await store.close()
    await client.quit()
    database.close()
  }
  return { store, payments: sqlitePayments(database), accounts: sqliteAccounts(database), close }
}

async function onPostgres(connectionString: string): Promise<Storage> {
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 900, statement_timeout: 1900 })
  const store = postgresStore({ client: pool })
  const close = async () => {
    await store.close()
    await pool.end()
  }
  try {
    await store.migrate()
    return { store, payments: await postgresPayments(pool), accounts: await postgresAccounts(pool), close }
  } catch (error) {
    await close()
    throw error
  }
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file)
  database.exec('PRAGMA journal_mode = WAL')
  return database
}
