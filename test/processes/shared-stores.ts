import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { temporaryFolder } from '../adapters/suite.js'
import { noPostgresPrograms, startPostgres } from '../stores/postgres-server.js'
import { noRedisServer, startRedis } from '../stores/redis-server.js'
import { openDatabase } from '../stores/sqlite-files.js'

/** A store that several processes share, on a server or in a file of the test's own. */
export interface SharedStore {
  readonly name: 'SQLite' | 'Redis' | 'Postgres'
  /** What `--store` takes. */
  readonly url: string
  /** Makes it unavailable while `work` runs. Redis has forgotten everything after that. */
  whileDown(work: () => Promise<void>): Promise<void>
  remove(): Promise<void> | void
}

const stores = [
  { name: 'SQLite', reason: undefined, start: startSqlite },
  { name: 'Redis', reason: noRedisServer(), start: startOwnRedis },
  { name: 'Postgres', reason: noPostgresPrograms(), start: startOwnPostgres },
] as const

/**
 * Declares the tests once for every store that processes can share, each on one store of the file's own. Where a server
 * cannot be started they are skipped, and say why.
 */
export function overSharedStores(title: string, tests: (store: () => SharedStore) => void): void {
  for (const { name, reason, start } of stores) {
    const heading = `${title}, over ${name}`
    if (reason !== undefined) {
      it.skip(`${heading} (skipped: ${reason})`)
      continue
    }
    describe(heading, () => {
      let store: SharedStore | undefined
      beforeAll(async () => {
        store = await start()
      })
      afterAll(() => store?.remove())
      tests(() => store!)
    })
  }
}

async function startSqlite(): Promise<SharedStore> {
  const folder = temporaryFolder()
  const file = join(folder, 'shared.db')
  return {
    name: 'SQLite',
    url: `sqlite:${file}`,
    whileDown: async (work) => {
      const other = openDatabase(file)
      other.exec('BEGIN IMMEDIATE')
      await work()
      other.exec('ROLLBACK')
      other.close()
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

async function startOwnRedis(): Promise<SharedStore> {
  const { url, kill, restart, remove } = await startRedis()
  const whileDown = async (work: () => Promise<void>) => {
    await kill()
    await work()
    await restart()
  }
  return { name: 'Redis', url, whileDown, remove }
}

async function startOwnPostgres(): Promise<SharedStore> {
  const { url, stop, start, remove } = await startPostgres()
  const whileDown = async (work: () => Promise<void>) => {
    stop()
    await work()
    start()
  }
  return { name: 'Postgres', url, whileDown, remove }
}
