import { type PostgresClient, type PostgresStoreOptions, postgresStore } from '@latchkey/stores/postgres'
import { Client, Pool } from 'pg'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { faultProxy } from '../faults/fault-proxy.js'
import { openPg } from './postgres-clients.js'
import { atOnce, eventually, fault, newSchema, request } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

const reason = await noPostgres()
if (reason !== undefined) it.skip(`operations that Postgres does not answer in time (skipped: ${reason})`)

/** A client of one connection. */
interface SingleConnection {
  readonly client: PostgresClient
  /** Any SQL, on the one connection. */
  run(sql: string): Promise<unknown>
  end(): Promise<unknown>
}

const openers: readonly (readonly [string, (url: string) => Promise<SingleConnection>])[] = [
  [
    'a Pool of pg',
    async (url) => {
      const client = new Pool({ connectionString: url, max: 1 })
      client.on('error', () => undefined)
      return { client, run: (sql) => client.query(sql), end: () => client.end() }
    },
  ],
  [
    'a Client of pg',
    async (url) => {
      const client = new Client({ connectionString: url })
      await client.connect()
      return { client, run: (sql) => client.query(sql), end: () => client.end() }
    },
  ],
  [
    'postgres.js',
    async (url) => {
      // Else it sends statements ahead, on connections that are busy.
      const settings = { max: 1, max_pipeline: 0, onnotice: () => undefined }
      const client = postgres(url, settings)
      return { client, run: async (sql) => client.unsafe(sql), end: () => client.end({ timeout: 1 }) }
    },
  ],
]

describe.skipIf(reason !== undefined)('an operation that Postgres does not answer in time', () => {
  const schema = newSchema()
  const cleanUp: (() => unknown)[] = []
  let server: Awaited<ReturnType<typeof anyPostgres>>
  let own: ReturnType<typeof openPg>

  beforeAll(async () => {
    server = await anyPostgres()
    own = openPg(server.url, { max: 2 })
    await postgresStore({ client: own.client, schema }).migrate()
  })
  afterEach(async () => {
    for (const work of cleanUp.splice(0).reverse()) await work()
  })
  afterAll(async () => {
    await own?.run(`DROP SCHEMA "${schema}" CASCADE`)
    await own?.end()
    server?.remove()
  })

  const storeOn = (client: PostgresClient, options: Partial<PostgresStoreOptions> = {}) =>
    postgresStore({ client, schema, operationTimeoutSeconds: 0.5, ...options })

  /** Holds the lock that `blocked` waits for. */
  async function gate() {
    const holder = await own.client.connect()
    await holder.query(`SELECT pg_advisory_lock(hashtext('${schema}'))`)
    return async () => {
      await holder.query('SELECT pg_advisory_unlock_all()')
      holder.release()
    }
  }
  const blocked = `SELECT pg_advisory_xact_lock(hashtext('${schema}'))`

  describe.each(openers)('by %s', (name, openClient) => {
    async function open(url = server.url, options: Partial<PostgresStoreOptions> = {}) {
      const opened = await openClient(url)
      cleanUp.push(opened.end)
      return { ...opened, store: storeOn(opened.client, options) }
    }

    test('is not carried out later, when the connection that it waited for is free', async () => {
      const { store, run } = await open()
      await eventually(() => store.check())
      const letGo = await gate()
      const theirs = run(blocked)
      const given = [
        store.idempotency.claim(request(`${name} claim`)),
        store.replay.reserve(`${name} reserve`, 'token', 30),
        store.keys.find('any'),
      ]
      await Promise.all(given.map((each) => expect(each).rejects.toEqual(fault('timeout', 'within 0.5 s'))))
      await letGo()
      await theirs
      // What is asked last is answered last.
      expect(await eventually(() => store.idempotency.find('any'))).toBeUndefined()
      expect(await store.idempotency.find(`${name} claim`)).toBeUndefined()
      expect(await store.replay.reserve(`${name} reserve`, 'another', 30)).toEqual({ outcome: 'reserved' })
    })

    test('no longer counts towards those that may wait', async () => {
      const { store, run } = await open(server.url, { maxPendingOperations: 3 })
      await eventually(() => store.check())
      const letGo = await gate()
      const theirs = run(blocked)
      for (let round = 0; round < 2; round++) {
        const waiting = ['a', 'b', 'c'].map((id) => expect(store.keys.find(id)).rejects.toEqual(fault('timeout')))
        await expect(store.keys.find('d')).rejects.toEqual(fault('unavailable', 'wait for an answer'))
        await Promise.all(waiting)
      }
      await letGo()
      await theirs
      expect(await eventually(() => store.keys.find('d'))).toBeUndefined()
    })
  })

  test.each(openers.filter(([name]) => name !== 'a Client of pg'))(
    'is not carried out by %s when the connection comes about later',
    async (name, openClient) => {
      const way = await faultProxy(Number(new URL(server.url).port))
      cleanUp.push(() => way.close())
      const url = new URL(server.url)
      url.port = String(way.port)
      const { client, end } = await openClient(url.href)
      cleanUp.push(end)
      const store = storeOn(client)
      await eventually(() => store.check())
      await way.inject('cut')
      await way.inject({ delayMs: 300 })
      const claim = () => store.idempotency.claim(request(`${name} late`))
      // Until the client has noticed that its connection is gone, it says that instead.
      await eventually(() => expect(claim()).rejects.toEqual(fault('timeout')))
      await way.inject('none')
      expect(await eventually(() => store.idempotency.find('any'))).toBeUndefined()
      expect(await store.idempotency.find(`${name} late`)).toBeUndefined()
    },
  )

  test('leaves a pool with all its places, where the statement is stuck at the server', async () => {
    const client = new Pool({ connectionString: server.url, max: 2 })
    cleanUp.push(() => client.end())
    const store = storeOn(client)
    await eventually(() => store.check())
    const other = await own.client.connect()
    await other.query(`BEGIN; LOCK TABLE "${schema}".latchkey_idempotency IN ACCESS EXCLUSIVE MODE`)
    const claims = await atOnce(6, (index) =>
      Promise.resolve(store.idempotency.claim(request(`stuck ${index}`))).catch((error: unknown) => error),
    )
    expect(claims).toEqual(Array.from({ length: 6 }, () => fault('timeout')))
    expect(await eventually(() => store.keys.find('any'))).toBeUndefined()
    await expect.poll(() => [client.waitingCount, client.totalCount - client.idleCount]).toEqual([0, 0])
    await other.query('ROLLBACK')
    other.release()
  })

  test('by the connection of a pool whose loss nobody hears of ends neither the process nor the pool', async () => {
    const client = new Pool({ connectionString: server.url, max: 1 })
    cleanUp.push(() => client.end())
    const store = storeOn(client, { operationTimeoutSeconds: 10 })
    await eventually(() => store.check())
    const other = await own.client.connect()
    await other.query(`BEGIN; LOCK TABLE "${schema}".latchkey_keys IN ACCESS EXCLUSIVE MODE`)
    const find = expect(store.keys.find('any')).rejects.toEqual(fault('unavailable'))
    await eventually(async () => {
      const waiting = `FROM pg_locks WHERE NOT granted AND relation = '"${schema}".latchkey_keys'::regclass`
      const { rowCount } = await other.query(`SELECT pg_terminate_backend(pid) ${waiting}`)
      if (rowCount !== 1) throw new Error('it does not wait yet')
    })
    await find
    await other.query('ROLLBACK')
    other.release()
    expect(await store.keys.find('any')).toBeUndefined()
  })
})
