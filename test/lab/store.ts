import { memoryStore, type Store } from '@latchkey/core'
import { postgresStore } from '@latchkey/stores/postgres'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { Pool } from 'pg'

/** Opens the store that a `--store` option names. */
export async function openStore(name: string): Promise<Store> {
  if (name === 'memory') return memoryStore()
  return name.startsWith('sqlite:') ? sqliteStore({ file: name.slice('sqlite:'.length) }) : openPostgres(name)
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
    await store.migrate()
  } catch (error) {
    await close()
    throw error
  }
  return { ...store, close }
}
