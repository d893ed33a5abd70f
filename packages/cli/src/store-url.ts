import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Store } from '@latchkey/core'
import { type PostgresStore, postgresStore } from '@latchkey/stores/postgres'
import { type RedisStore, redisStore } from '@latchkey/stores/redis'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { Redis } from 'ioredis'
import pg from 'pg'
import { usageError } from './exit-codes.js'
import type { Io } from './session.js'
import type { Settings } from './settings.js'

/** A store that is open. */
export type OpenStore = {
  readonly place: string
  /** What the connection itself told of last: a client may answer a command with no more than that it has given up. */
  lastFault(): string | undefined
  close(): Promise<void>
} & (
  | { readonly engine: 'sqlite'; readonly store: Store; readonly file: string }
  | { readonly engine: 'redis'; readonly store: RedisStore }
  | { readonly engine: 'postgres'; readonly store: PostgresStore }
)

/** How a store is opened. */
export interface Opening {
  /** Whether a power failure may lose the last writes, for work that can be done again. @defaultValue `false` */
  readonly isRepeatable?: boolean
}

/** People wait for an answer; a request would not. */
const connectTimeoutMs = 5000
const operationTimeoutSeconds = 15

/** As many as an import has under way. */
const connections = 8

/** Where the URL leads to, with nothing of it that must not be shown: neither user, nor password, nor parameters. */
export function placeOf(url: string): string {
  if (url.startsWith('sqlite:')) return url
  // A password may hold what ends an address, if somebody has not escaped it: credentials go first, and to the last sign of them.
  return url.replace(/^([a-z]+:\/\/)(?:.*@)?/s, '$1').replace(/[?#].*$/s, '')
}

/**
 * Opens the store that a URL names. Nothing is asked of a server yet.
 *
 * @throws CommandError where there is no URL, or none of ours.
 */
export function openStore(settings: Settings, io: Io, opening: Opening = {}): OpenStore {
  const { store: url, schema, keyPrefix } = settings
  if (url === undefined) {
    throw usageError(
      'there is no store: give --store, or set LATCHKEY_STORE, to sqlite:<file>, redis://… or postgres://…',
    )
  }
  if (/^sqlite:./s.test(url)) return openSqlite(url.slice('sqlite:'.length), io, opening)
  if (!isServerUrl(url)) {
    throw usageError('the store must be sqlite:<file>, redis://…, rediss://…, postgres://… or postgresql://…')
  }
  const place = placeOf(url)
  return url.startsWith('redis') ? openRedis(url, place, keyPrefix) : openPostgres(url, place, schema)
}

function isServerUrl(url: string): boolean {
  return /^(rediss?|postgres(ql)?):\/\//.test(url) && (URL.canParse(url) || /^postgres(ql)?:\/\/[^/]*\//.test(url))
}

function openSqlite(file: string, { stderr }: Io, { isRepeatable = false }: Opening): OpenStore {
  if (file !== ':memory:' && !existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    stderr.write(`${JSON.stringify(file)} was not there: a new database is made\n`)
  }
  const store = sqliteStore({ file, busyTimeoutSeconds: 10, synchronous: isRepeatable ? 'normal' : 'full' })
  return {
    engine: 'sqlite',
    store,
    file,
    place: `sqlite:${file}`,
    lastFault: () => undefined,
    close: () => store.close(),
  }
}

function openRedis(url: string, place: string, keyPrefix: string | undefined): OpenStore {
  const client = new Redis(url, {
    connectTimeout: connectTimeoutMs,
    commandTimeout: operationTimeoutSeconds * 1000,
    maxRetriesPerRequest: 1,
    retryStrategy: () => 200,
    lazyConnect: true,
  })
  let heard: string | undefined
  client.on('error', ({ code, message }: { code?: unknown; message: string }) => {
    heard = typeof code === 'string' ? code : /^(?:WRONGPASS|NOAUTH|NOPERM|ERR)\b/.exec(message)?.[0]
  })
  const store = redisStore({ client, operationTimeoutSeconds, ...(keyPrefix !== undefined && { keyPrefix }) })
  const close = async () => {
    await store.close()
    client.disconnect()
  }
  return { engine: 'redis', store, place, lastFault: () => heard, close }
}

function openPostgres(url: string, place: string, schema: string | undefined): OpenStore {
  const pool = poolAt(url)
  const store = postgresStore({ client: pool, operationTimeoutSeconds, ...(schema !== undefined && { schema }) })
  const close = async () => {
    await store.close()
    await pool.end()
  }
  return { engine: 'postgres', store, place, lastFault: () => undefined, close }
}

function poolAt(connectionString: string): pg.Pool {
  const times = { connectionTimeoutMillis: connectTimeoutMs, statement_timeout: operationTimeoutSeconds * 1000 }
  try {
    return new pg.Pool({ connectionString, max: connections, ...times })
  } catch {
    // What the driver says of it may hold the URL.
    throw usageError('the URL of the store cannot be read: characters of a password have to be escaped, @ as %40')
  }
}
