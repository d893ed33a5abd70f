import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { memoryStore, oneTimeTokens, type Store, type TokenStore } from '@latchkey/core'
import { postgresStore } from '@latchkey/stores/postgres'
import { redisStore } from '@latchkey/stores/redis'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { afterEach, describe, expect, it, test } from 'vitest'
import { openPg, openPglite, openPostgresJs } from './postgres-clients.js'
import { newSchema } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'
import { clients } from './redis-clients.js'
import { noRedisServer, startRedis } from './redis-server.js'
import { databaseFile } from './sqlite-files.js'

interface Opened {
  /** Stores on one database, over connections of their own where there can be several. */
  readonly stores: readonly [Store, Store]
  /** All that the database holds, as text. */
  dump(): Promise<string>
}

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

function sqlite(): Opened {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  const stores = [sqliteStore({ file }), sqliteStore({ file })] as const
  for (const store of stores) cleanUp.push(() => store.close())
  const files = () => readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name), 'latin1'))
  return { stores, dump: async () => files().join('\n') }
}

async function redis(open: (typeof clients)[number][1]): Promise<Opened> {
  const server = await startRedis()
  cleanUp.push(() => server.remove())
  const opened = await Promise.all([open(server.url), open(server.url)])
  for (const { end } of opened) cleanUp.push(end)
  const [{ client, call }, { client: other }] = opened
  const show = async (key: string) =>
    (await call('TYPE', key)) === 'zset' ? call('ZRANGE', key, '0', '-1') : call('GET', key)
  const dump = async () => {
    const keys = (await call('KEYS', '*')) as string[]
    return JSON.stringify(await Promise.all(keys.map(async (key) => [key, await show(key)])))
  }
  return { stores: [redisStore({ client }), redisStore({ client: other })], dump }
}

async function postgres(open: () => ReturnType<typeof openPg | typeof openPostgresJs | typeof openPglite>) {
  const one = open()
  cleanUp.push(one.end)
  // Two PGlites would be two databases.
  const other = 'exec' in one.client ? one : open()
  if (other !== one) cleanUp.push(other.end)
  const schema = newSchema()
  const stores = [
    postgresStore({ client: one.client, schema }),
    postgresStore({ client: other.client, schema }),
  ] as const
  await stores[0].migrate()
  cleanUp.push(() => one.run(`DROP SCHEMA "${schema}" CASCADE`))
  const dump = async () => JSON.stringify(await one.run(`SELECT t::text FROM "${schema}".latchkey_tokens t`))
  return { stores, dump }
}

/** The two promises on any database. */
function declare(open: () => Opened | Promise<Opened>): void {
  test('of 50 parallel uses exactly one wins, the store holds only hashes', async () => {
    const { stores, dump } = await open()
    const [one, other] = stores.map((store) => oneTimeTokens({ store })) as [
      ReturnType<typeof oneTimeTokens>,
      ReturnType<typeof oneTimeTokens>,
    ]
    const subject = `canary-${randomBytes(8).toString('hex')}`
    const data = { email: 'new@example.com' }
    const { token, expiresAtMs } = await one.issue(subject, 'email-confirmation', 600, { data })
    const kept = await other.issue(subject, 'password-reset', 600, { replaces: true })
    expect(Math.abs(expiresAtMs - Date.now() - 600_000)).toBeLessThan(60_000)

    const before = await dump()
    expect(before).toContain(subject)
    for (const secret of [token, kept.token]) expect(before).not.toContain(secret)

    const uses = await Promise.all(
      Array.from({ length: 50 }, (_, index) => [one, other][index % 2]!.consume(token, 'email-confirmation')),
    )
    expect(uses.filter((used) => used !== undefined)).toEqual([{ subject, data }])
    expect(await dump()).not.toContain(token)
    expect(await one.consume(kept.token, 'email-confirmation')).toBeUndefined()
    expect(await one.revokeAll(subject)).toBe(1)
    expect(await other.consume(kept.token, 'password-reset')).toBeUndefined()
  })

  test('of 50 that are issued to replace each other over two instances exactly one is good', async () => {
    const { stores } = await open()
    const [one, other] = stores.map((store) => oneTimeTokens({ store }))
    const issued = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        [one, other][index % 2]!.issue('alice', 'reset', 60, { replaces: true }),
      ),
    )
    const uses = await Promise.all(issued.map(({ token }, index) => [other, one][index % 2]!.consume(token, 'reset')))
    expect(uses.filter((used) => used !== undefined)).toEqual([{ subject: 'alice', data: {} }])
  })
}

describe('in memory', () => {
  declare(() => {
    const store = memoryStore()
    // It has no outside to look at: what the maps hold is what the contract hands over.
    const handed: unknown[] = []
    const tokens: TokenStore = {
      insert: (record, ...rest) => {
        handed.push(record)
        return store.tokens.insert(record, ...rest)
      },
      consume: (id) => store.tokens.consume(id),
      revokeAll: (...given) => store.tokens.revokeAll(...given),
    }
    const watched = { ...store, tokens }
    return { stores: [watched, watched], dump: async () => JSON.stringify(handed) }
  })
})

describe('in SQLite', () => declare(sqlite))

describe('in PGlite', () => declare(() => postgres(openPglite)))

const noServer = await noPostgres()
if (noServer !== undefined) it.skip(`one-time tokens on a server of Postgres (skipped: ${noServer})`)
describe.skipIf(noServer !== undefined)('in Postgres', () => {
  const onServer = (open: typeof openPg | typeof openPostgresJs) => async () => {
    const server = await anyPostgres()
    cleanUp.push(() => server.remove())
    return postgres(() => open(server.url))
  }
  describe('by pg', () => declare(onServer(openPg)))
  describe('by postgres.js', () => declare(onServer(openPostgresJs)))
})

const noRedis = noRedisServer()
if (noRedis !== undefined) it.skip(`one-time tokens on Redis (skipped: ${noRedis})`)
describe.skipIf(noRedis !== undefined)('in Redis', () => {
  for (const [name, open] of clients) describe(`by ${name}`, () => declare(() => redis(open)))
})
