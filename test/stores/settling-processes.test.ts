import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { postgresStore } from '@latchkey/stores/postgres'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { openPg } from './postgres-clients.js'
import { newSchema } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'
import { databaseFile, openDatabase } from './sqlite-files.js'

const script = fileURLToPath(new URL('settling-process.mjs', import.meta.url))

/** Where processes share payments and records. */
interface Place {
  readonly args: readonly [kind: string, place: string, schema: string]
  payments(): Promise<number>
  remove(): Promise<void>
}

/** What the client of such a process gets; nothing, where the process was killed. */
async function request(args: Place['args'], moment: string): Promise<string | undefined> {
  const child = fork(script, [...args, moment], { execArgv: [] })
  let answer: string | undefined
  child.on('message', (message) => {
    answer = String(message)
  })
  await once(child, 'exit')
  return answer
}

function declare(openPlace: () => Promise<Place>): void {
  let place: Place
  beforeEach(async () => {
    place = await openPlace()
    return () => place.remove()
  })

  test('before its COMMIT has paid nothing, and the retry pays', async () => {
    expect(await request(place.args, 'before')).toBeUndefined()
    expect(await place.payments()).toBe(0)
    expect(await request(place.args, 'never')).toBe('paid by the process that is killed: never')
    expect(await place.payments()).toBe(1)
  })

  test('after its COMMIT has paid, and the retry gets the reply that its client never got', async () => {
    expect(await request(place.args, 'after')).toBeUndefined()
    expect(await place.payments()).toBe(1)
    expect(await request(place.args, 'never')).toBe('replayed: paid by the process that is killed: after')
    expect(await place.payments()).toBe(1)
  })
}

describe('a process on SQLite that is killed', () =>
  declare(async () => {
    const { file, remove } = databaseFile()
    const database = openDatabase(file)
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE payments (id INTEGER PRIMARY KEY)')
    await sqliteStore({ database }).close()
    return {
      args: ['sqlite', file, ''],
      payments: async () =>
        (database.prepare('SELECT count(*) AS count FROM payments').get() as { count: number }).count,
      remove: async () => {
        database.close()
        remove()
      },
    }
  }))

const reason = await noPostgres()
if (reason !== undefined) it.skip(`a process on Postgres that is killed (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('a process on Postgres that is killed', () => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  beforeAll(async () => {
    server = await anyPostgres()
  })
  afterAll(() => server?.remove())

  declare(async () => {
    const schema = newSchema()
    const { client, run, end } = openPg(server.url)
    await postgresStore({ client, schema }).migrate()
    await run(`CREATE TABLE "${schema}".payments (id serial PRIMARY KEY)`)
    return {
      args: ['postgres', server.url, schema],
      payments: async () => Number((await run(`SELECT count(*) FROM "${schema}".payments`))[0]!.count),
      remove: async () => {
        await run(`DROP SCHEMA "${schema}" CASCADE`)
        await end()
      },
    }
  })
})
