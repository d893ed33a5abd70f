import { setImmediate as turn } from 'node:timers/promises'
import { type PostgresStoreOptions, postgresStore } from '@latchkey/stores/postgres'
import { Pool, types } from 'pg'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { openPg } from './postgres-clients.js'
import { atOnce, fault, key, newSchema, request } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

const reason = await noPostgres()
if (reason !== undefined) it.skip(`pools of connections to Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('a pool of connections to Postgres', () => {
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
    for (const work of cleanUp.splice(0)) await work()
    await own.run(`TRUNCATE "${schema}".latchkey_idempotency, "${schema}".latchkey_keys`)
  })
  afterAll(async () => {
    await own?.run(`DROP SCHEMA "${schema}" CASCADE`)
    await own?.end()
    server?.remove()
  })

  function openPool(settings: ConstructorParameters<typeof Pool>[0], options: Partial<PostgresStoreOptions> = {}) {
    const pool = new Pool({ connectionString: server.url, ...settings })
    cleanUp.push(() => pool.end())
    return { pool, store: postgresStore({ client: pool, schema, ...options }) }
  }

  test('64 claims at once over two pools of 16: one winner', async () => {
    const stores = [openPool({ max: 16 }), openPool({ max: 16 })].map(({ store }) => store)
    const answers = await atOnce(
      64,
      (index) =>
        stores[index % 2]!.idempotency.claim(request('a', { token: `token ${index}` })) as Promise<{ outcome: string }>,
    )
    const outcomes = answers.map(({ outcome }) => outcome).sort()
    expect(outcomes).toEqual(['claimed', ...Array.from({ length: 63 }, () => 'running')])
  })

  test('of two connections carries 200 requests whose handlers use it too, and none waits for ever', async () => {
    const { pool, store } = openPool({ max: 2 })
    const settled = await atOnce(200, async (index) => {
      const { id, token } = request(`key ${index}`)
      await store.idempotency.claim(request(id))
      await pool.query('SELECT 1')
      return store.idempotency.settle(id, token, Buffer.from(id), 600)
    })
    expect(settled.every((answer) => answer === 'ok')).toBe(true)
    expect([pool.waitingCount, pool.idleCount, pool.totalCount]).toEqual([0, 2, 2])
  })

  test('of two connections carries 200 requests of one key, whose one handler uses it too', async () => {
    const { pool, store } = openPool({ max: 2 })
    let runs = 0
    const outcomes = await atOnce(200, async (index) => {
      const mine = request('a', { token: `token ${index}` })
      const { outcome } = await store.idempotency.claim(mine)
      if (outcome !== 'claimed') return outcome
      runs++
      await pool.query('SELECT 1')
      return store.idempotency.settle('a', mine.token, Buffer.from('reply'), 600)
    })
    expect(runs).toBe(1)
    expect(new Set(outcomes)).toEqual(new Set(['ok', ...outcomes.filter((each) => /^(running|settled)$/.test(each))]))
    expect(await store.idempotency.claim(request('a'))).toMatchObject({ outcome: 'settled' })
  })

  test('has all its connections back while a handler runs', async () => {
    const { pool, store } = openPool({ max: 1 })
    await store.idempotency.claim(request('a'))
    expect([pool.idleCount, pool.totalCount]).toEqual([1, 1])
  })

  test('that is in use by others makes the store unavailable, and then no longer', async () => {
    const { pool, store } = openPool({ max: 1, connectionTimeoutMillis: 300 })
    const taken = await pool.connect()
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable'))
    taken.release()
    expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
  })

  test('is not asked for more than the store lets wait', async () => {
    const { pool, store } = openPool({ max: 1 }, { maxPendingOperations: 3 })
    await store.check()
    const taken = await pool.connect()
    const finds = ['a', 'b', 'c'].map((id) => store.keys.find(id))
    await expect(store.keys.find('d')).rejects.toEqual(fault('unavailable', 'wait for an answer'))
    taken.release()
    expect(await Promise.all(finds)).toEqual([undefined, undefined, undefined])
    expect(await store.keys.find('d')).toBeUndefined()
  })

  test('carries stores of two schemas at once, each with statements of its own', async () => {
    const { pool, store } = openPool({ max: 1 })
    const second = newSchema()
    const other = postgresStore({ client: pool, schema: second })
    await other.migrate()
    for (const each of [store, other, store, other]) {
      await each.idempotency.claim(request('a'))
      expect(await each.idempotency.settle('a', 'token a', Buffer.from('reply'), 600)).toBe('ok')
      await each.idempotency.resolve('a', { kind: 'release' }, 600)
    }
    await own.run(`DROP SCHEMA "${second}" CASCADE`)
  })

  test('may forget its statements, and may have none prepared', async () => {
    const { pool, store } = openPool({ max: 1 }, { prepare: false })
    await store.keys.insert(key('a'))
    await pool.query('DEALLOCATE ALL')
    expect(await store.keys.find('a')).toEqual(key('a'))
    expect((await pool.query('SELECT * FROM pg_prepared_statements')).rows).toEqual([])
  })

  test('may be set to read numbers, bytes and names otherwise', async () => {
    const parsers: Record<number, (text: string) => unknown> = { 20: BigInt, 23: String }
    const getTypeParser = ((type: number) => parsers[type] ?? types.getTypeParser(type)) as typeof types.getTypeParser
    const { store } = openPool({ types: { ...types, getTypeParser } })
    const sql = postgres(server.url, {
      transform: postgres.toPascal,
      types: { bigint: postgres.BigInt },
      onnotice: () => undefined,
    })
    cleanUp.push(() => sql.end())
    for (const [id, each] of [['a', store] as const, ['b', postgresStore({ client: sql, schema })] as const]) {
      await each.keys.insert(key(id))
      expect(await each.keys.find(id)).toEqual(key(id))
      expect(await each.idempotency.claim(request(id))).toEqual({ outcome: 'claimed', attempt: 1 })
      const running = await each.idempotency.claim(request(id, { token: 'another' }))
      expect(running).toEqual({ outcome: 'running', leaseRemainingMs: expect.any(Number) })
      expect(await each.idempotency.find(id)).toMatchObject({ attempt: 1, expiresAtMs: expect.any(Number) })
    }
  })

  test('is left open by a store that is closed, which refuses what comes', async () => {
    const { pool, store } = openPool({ max: 1 })
    await store.check()
    await store.close()
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable', 'closed'))
    await expect(store.keys.find('a')).rejects.toEqual(fault('unavailable', 'closed'))
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })

  test('that loses an idle connection does not end the process, and is as good as before', async () => {
    const { pool, store } = openPool({ max: 1 })
    const { rows } = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await own.run(`SELECT pg_terminate_backend(${rows[0]!.pid})`)
    while (pool.totalCount > 0) await turn()
    expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
  })
})
