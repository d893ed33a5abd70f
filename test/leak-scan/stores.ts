import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../adapters/suite.js'
import { noPostgresPrograms, startPostgres } from '../stores/postgres-server.js'
import { noRedisServer, startRedis } from '../stores/redis-server.js'
import { openDatabase } from '../stores/sqlite-files.js'

/** A store of the scan's own, with a password in its URL where it has one. */
export interface ScannedStore {
  readonly url: string
  /** Makes it unavailable while `work` runs; memory always is available. */
  whileDown(work: () => Promise<void>): Promise<void>
  remove(): Promise<void> | void
}

/** What each is called by OpenTelemetry, why it cannot run here, and how it is started. */
export const scannedStores = {
  memory: { system: 'memory', reason: undefined, start: startMemory },
  SQLite: { system: 'sqlite', reason: undefined, start: startSqlite },
  Redis: { system: 'redis', reason: noRedisServer(), start: startOwnRedis },
  Postgres: { system: 'postgresql', reason: noPostgresPrograms(), start: startOwnPostgres },
} as const

export type ScannedStoreName = keyof typeof scannedStores

async function startMemory(): Promise<ScannedStore> {
  return { url: 'memory', whileDown: (work) => work(), remove: () => undefined }
}

async function startSqlite(): Promise<ScannedStore> {
  const folder = temporaryFolder()
  const file = join(folder, 'scanned.db')
  const whileDown = async (work: () => Promise<void>) => {
    const other = openDatabase(file)
    other.exec('BEGIN IMMEDIATE')
    await work()
    other.exec('ROLLBACK')
    other.close()
  }
  return { url: `sqlite:${file}`, whileDown, remove: () => rmSync(folder, { recursive: true }) }
}

async function startOwnRedis(password: string): Promise<ScannedStore> {
  const { port, kill, restart, remove } = await startRedis('--requirepass', password)
  const whileDown = async (work: () => Promise<void>) => {
    await kill()
    await work()
    await restart()
  }
  return { url: `redis://:${password}@127.0.0.1:${port}`, whileDown, remove }
}

async function startOwnPostgres(password: string): Promise<ScannedStore> {
  const { url, stop, start, remove } = await startPostgres()
  const whileDown = async (work: () => Promise<void>) => {
    stop()
    await work()
    start()
  }
  return { url: url.replace('postgres@', `postgres:${password}@`), whileDown, remove }
}
