import { setTimeout as sleep } from 'node:timers/promises'
import { memoryStore, type Store, StoreError } from '@latchkey/core'
import { type PostgresStore, postgresStore } from '@latchkey/stores/postgres'
import { redisStore } from '@latchkey/stores/redis'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { Redis } from 'ioredis'
import { Pool } from 'pg'

/** Opens the store that a `--store` option names. */
export async function openStore(name: string): Promise<Store> {
  if (name === 'memory') return memoryStore()
  if (name.startsWith('sqlite:')) return sqliteStore({ file: name.slice('sqlite:'.length) })
  return name.startsWith('postgres') ? openPostgres(name) : openRedis(name)
}

/** A pool of the lab's own, which ends with the store. */
async function openPostgres(connectionString: string): Promise<Store> {
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 900, query_timeout: 1900 })
  const store = postgresStore({ client: pool })
  const close = async () => {
    await store.close()
    await pool.end()
  }
  try {
    await migrated(store)
  } catch (error) {
    await close()
    throw error
  }
  return { ...store, close }
}

/** Makes the tables. A server that is only starting, or a busy machine, is given some time. */
async function migrated(store: PostgresStore): Promise<void> {
  const untilMs = performance.now() + 20_000
  for (;;) {
    try {
      return await store.migrate()
    } catch (error) {
      if (!(error instanceof StoreError && error.fault === 'unavailable') || performance.now() > untilMs) throw error
      await sleep(200)
    }
  }
}

/** A client of the lab's own, which gives a command up within a guard's time, and is back soon after its server. */
function openRedis(url: string): Store {
  const times = { commandTimeout: 900, connectTimeout: 1000, socketTimeout: 1500 }
  const client = new Redis(url, { ...times, maxRetriesPerRequest: 1, retryStrategy: () => 200 })
  // The guards tell of each operation that fails.
  client.on('error', () => undefined)
  const store = redisStore({ client })
  const close = async () => {
    await store.close()
    client.disconnect()
  }
  return { ...store, close }
}
