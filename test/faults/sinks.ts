import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { memoryStore, type Store } from '@latchkey/core'
import { postgresStore } from '@latchkey/stores/postgres'
import { redisStore } from '@latchkey/stores/redis'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { openPglite } from '../stores/postgres-clients.js'
import { openIoredis } from '../stores/redis-clients.js'
import { noRedisServer, startRedis } from '../stores/redis-server.js'
import { databaseFile } from '../stores/sqlite-files.js'

/** A store, and all that was ever written into it, as text; nothing where it is in memory. */
interface DumpedStore {
  readonly store: Store
  dump(): Promise<string>
  remove(): unknown
}

/** The stores, and why one cannot be tried here. */
export const stores: readonly { readonly name: string; readonly missing?: string; start(): Promise<DumpedStore> }[] = [
  { name: 'memory', start: startMemory },
  { name: 'SQLite', start: startSqlite },
  { name: 'Redis', ...(noRedisServer() !== undefined && { missing: noRedisServer()! }), start: startOnRedis },
  { name: 'Postgres', start: startPostgres },
]

async function startMemory(): Promise<DumpedStore> {
  const store = memoryStore()
  return { store, dump: async () => '', remove: () => store.close() }
}

async function startSqlite(): Promise<DumpedStore> {
  const { file, remove } = databaseFile()
  const store = sqliteStore({ file })
  const folder = dirname(file)
  const dump = async () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  return {
    store,
    dump: async () => (await dump()).join('\n'),
    remove: async () => {
      await store.close()
      remove()
    },
  }
}

/** Redis writes every command into its log of writes, as it was given. */
async function startOnRedis(): Promise<DumpedStore> {
  const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
  const { client, call, end } = await openIoredis(server.url)
  const [, folder] = (await call('CONFIG', 'GET', 'dir')) as [string, string]
  return {
    store: redisStore({ client }),
    dump: async () => filesBelow(folder).join('\n'),
    remove: async () => {
      end()
      await server.remove()
    },
  }
}

async function startPostgres(): Promise<DumpedStore> {
  const { client, run, end } = openPglite()
  const store = postgresStore({ client })
  await store.migrate()
  const dump = async () => {
    const tables = await run(`SELECT tablename FROM pg_tables WHERE tablename LIKE 'latchkey%'`)
    const rows = await Promise.all(
      tables.map(({ tablename }) => run(`SELECT row_to_json(t)::text FROM ${tablename} t`)),
    )
    return JSON.stringify(rows)
  }
  return { store, dump, remove: end }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => readFileSync(join(parentPath ?? path, name), 'latin1'))
}

/** All that a thing shows to whoever prints, logs or serialises it. */
export function shown(thing: unknown): string {
  const printed = inspect(thing, {
    depth: 20,
    showHidden: true,
    getters: true,
    maxArrayLength: null,
    maxStringLength: null,
  })
  return `${printed}\n${String(thing)}\n${serialized(thing)}`
}

function serialized(thing: unknown): string {
  const seen = new Set<unknown>()
  const once = (_: string, value: unknown) => {
    if (typeof value === 'bigint') return String(value)
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return '(seen)'
    seen.add(value)
    // The members of an error that JSON passes over.
    return value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value
  }
  return JSON.stringify(thing, once) ?? ''
}

/** The secrets that stand in a text, as they are or in hexadecimal or base64. */
export function foundIn(text: string, secrets: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const bytes = Buffer.from(secret)
    // The middle of base64, whatever comes before it: one of three alignments.
    const aligned = [0, 1, 2].map((skipped) => bytes.subarray(skipped, bytes.length - ((bytes.length - skipped) % 3)))
    const spellings = [secret, bytes.toString('hex'), ...aligned.map((part) => part.toString('base64'))]
    return spellings.some((spelling) => text.toLowerCase().includes(spelling.toLowerCase())) ? [name] : []
  })
}
