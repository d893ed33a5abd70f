import { setTimeout as sleep } from 'node:timers/promises'
import { memoryStore, type Store, StoreError } from '@latchkey/core'
import { type PostgresStore, postgresStore } from '@latchkey/stores/postgres'
import { redisStore } from '@latchkey/stores/redis'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { Redis } from 'ioredis'
import { Pool } from 'pg'

/**
 * Opens the store that a `--store` option names.
 *
 * @param guardSeconds what a guard gives it for a claim; the store and its client give up a little earlier.
 */
export async function openStore(name: string, guardSeconds = 1): Promise<Store> {
  if (name === 'memory') return memoryStore()
  if (name.startsWith('sqlite:')) {
    return sqliteStore({ file: name.slice('sqlite:'.length), busyTimeoutSeconds: 0.8 * guardSeconds })
  }
  return name.startsWith('postgres') ? openPostgres(name, guardSeconds) : openRedis(name, guardSeconds)
}

/** A pool of the lab's own, which ends with the store. */
async function openPostgres(connectionString: string, guardSeconds: number): Promise<Store> {
  const times = { connectionTimeoutMillis: 900 * guardSeconds, statement_timeout: 1900 * guardSeconds }
  const pool = new Pool({ connectionString, ...times })
  const store = postgresStore({ client: pool, operationTimeoutSeconds: Math.min(60, 2 * guardSeconds) })
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
function openRedis(url: string, guardSeconds: number): Store {
  const times = { commandTimeout: 900 * guardSeconds, connectTimeout: 1000, socketTimeout: 1500 * guardSeconds }
  const client = new Redis(url, { ...times, maxRetriesPerRequest: 1, retryStrategy: () => 200 })
  // The guards tell of each operation that fails.
  client.on('error', () => undefined)
  const store = redisStore({ client, operationTimeoutSeconds: Math.min(60, 5 * guardSeconds) })
  const close = async () => {
    await store.close()
    client.disconnect()
  }
  return { ...store, close }
}
