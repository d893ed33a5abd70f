import { PGlite } from '@electric-sql/pglite'
import type { IdempotencyGrant, Reply, SettledReply, Store } from '@latchkey/core'
import { postgresStore } from '@latchkey/stores/postgres'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { databaseFile, openDatabase } from '../stores/sqlite-files.js'

/** A database in which a payment and the record of its request are written together. */
export interface Bank {
  readonly store: Store
  /** Inserts a payment and settles the request in one transaction, which `meanwhile` can end by throwing. */
  pay(settleIn: IdempotencyGrant['settleIn'], reply: SettledReply, meanwhile?: () => void): Promise<Reply>
  payments(): Promise<number>
  /** Forgets all payments and records. */
  reset(): Promise<unknown>
  close(): Promise<void>
}

/** The application and the store share one connection, and the transaction ends in the turn in which it began. */
function onSqlite(): Bank {
  const { file, remove } = databaseFile()
  const database = openDatabase(file)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE payments (id INTEGER PRIMARY KEY)')
  const store = sqliteStore({ database })
  return {
    store,
    pay: async (settleIn, reply, meanwhile) => {
      database.exec('BEGIN IMMEDIATE')
      try {
        database.exec('INSERT INTO payments DEFAULT VALUES')
        const made = settleIn(store.transaction(), reply)
        meanwhile?.()
        database.exec('COMMIT')
        return made
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
    payments: async () => (database.prepare('SELECT count(*) AS count FROM payments').get() as { count: number }).count,
    reset: async () => database.exec('DELETE FROM payments; DELETE FROM latchkey_idempotency'),
    close: async () => {
      database.close()
      remove()
    },
  }
}

async function onPglite(): Promise<Bank> {
  const client = new PGlite()
  const store = postgresStore({ client })
  await store.migrate()
  await client.exec('CREATE TABLE payments (id serial PRIMARY KEY)')
  return {
    store,
    pay: (settleIn, reply, meanwhile) =>
      client.transaction(async (opened) => {
        await opened.exec('INSERT INTO payments DEFAULT VALUES')
        const made = await settleIn(store.transaction(opened), reply)
        meanwhile?.()
        return made
      }),
    payments: async () =>
      Number((await client.query<{ count: string }>('SELECT count(*) FROM payments')).rows[0]!.count),
    reset: () => client.exec('TRUNCATE payments, latchkey_idempotency'),
    close: () => client.close(),
  }
}

export const banks: Readonly<Record<string, () => Bank | Promise<Bank>>> = { SQLite: onSqlite, PGlite: onPglite }
