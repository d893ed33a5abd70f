import { join } from 'node:path'
import { noPostgresPrograms, startPostgres } from '../stores/postgres-server.js'
import { noRedisServer, startRedis } from '../stores/redis-server.js'
import { folder, latchkey } from './command.js'

/** A store for the program, empty and ready. */
export interface TriedStore {
  readonly url: string
  remove(): Promise<void>
}

/** The stores that the program is tried on, and why one of them cannot be. */
export const triedStores: readonly {
  readonly engine: string
  readonly missing: string | undefined
  start(): Promise<TriedStore>
}[] = [
  { engine: 'sqlite', missing: undefined, start: sqlite },
  { engine: 'postgres', missing: noPostgresPrograms(), start: postgres },
  { engine: 'redis', missing: noRedisServer(), start: redis },
]

async function sqlite(): Promise<TriedStore> {
  const { path, remove } = folder()
  return { url: `sqlite:${join(path, 'latchkey.db')}`, remove: async () => remove() }
}

async function postgres(): Promise<TriedStore> {
  const server = await startPostgres()
  const { code, stderr } = await latchkey(['migrate', '--store', server.url])
  if (code !== 0) throw new Error(stderr)
  return { url: server.url, remove: async () => server.remove() }
}

async function redis(): Promise<TriedStore> {
  const server = await startRedis()
  return { url: server.url, remove: () => server.remove() }
}
