import { setTimeout as pause } from 'node:timers/promises'
import { type IdempotencyEvent, type IdempotencyGrant, type IdempotencyOptions, idempotency } from '@latchkey/core'
import { protect } from '@latchkey/fetch'
import { type PostgresStore, postgresStore } from '@latchkey/stores/postgres'
import { Pool, type PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { type FaultProxy, faultProxy } from '../faults/fault-proxy.js'
import { openPg } from './postgres-clients.js'
import { newSchema } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

const reason = await noPostgres()
if (reason !== undefined) it.skip(`a connection that is lost during COMMIT (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('a connection that is lost during COMMIT', () => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  let proxy: FaultProxy
  let own: ReturnType<typeof openPg>
  let store: PostgresStore
  /** The application's own connections: through the proxy. */
  let pool: Pool
  let schema: string
  let told: string[]
  let runs: number

  beforeAll(async () => {
    server = await anyPostgres()
    proxy = await faultProxy(Number(new URL(server.url).port || 5432))
    own = openPg(server.url)
  })
  beforeEach(async () => {
    schema = newSchema()
    store = postgresStore({ client: own.client, schema })
    await store.migrate()
    await own.run(`CREATE TABLE "${schema}".payments (id serial PRIMARY KEY)`)
    const url = new URL(server.url)
    url.host = `127.0.0.1:${proxy.port}`
    pool = new Pool({ connectionString: url.href, query_timeout: 1000 })
    pool.on('error', () => undefined)
    pool.on('connect', (client) => void client.on('error', () => undefined))
    told = []
    runs = 0
  })
  afterEach(async () => {
    await proxy.inject('none')
    await pool.end()
    await own.run(`DROP SCHEMA "${schema}" CASCADE`)
  })
  afterAll(async () => {
    await own?.end()
    await proxy?.close()
    server?.remove()
  })

  /** Pays and settles; what goes wrong with the commit is thrown, as a database client throws it. */
  async function pay({ settleIn }: IdempotencyGrant, beforeCommit: (client: PoolClient) => unknown): Promise<void> {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query(`INSERT INTO "${schema}".payments DEFAULT VALUES`)
      await settleIn(store.transaction(client), { status: 201, body: `paid in run ${runs}` })
      await beforeCommit(client)
      await client.query('COMMIT')
    } finally {
      client.release(true)
    }
  }

  /** A server whose handler's first run meets the fault, and what a client of it gets. */
  function service(fault: (client: PoolClient) => unknown, options: Partial<IdempotencyOptions> = {}) {
    const observe = ({ type }: IdempotencyEvent) => void told.push(type.replace('idempotency.', ''))
    const guard = idempotency({ store, scope: 'everyone', observe, ...options })
    const handle = protect({ idempotency: guard }, async (_request, grants) => {
      runs++
      await pay(grants.idempotency, runs === 1 ? fault : () => undefined)
      return new Response(`paid in run ${runs}`, { status: 201 })
    })
    return async () => {
      const headers = { 'idempotency-key': 'k' }
      try {
        const response = await handle(new Request('http://a.test/pay', { method: 'POST', headers }))
        return `${response.status} ${response.headers.get('idempotent-replayed') ?? 'first'} ${await response.text()}`
      } catch {
        return 'the handler failed'
      }
    }
  }
  const payments = async () => Number((await own.run(`SELECT count(*) FROM "${schema}".payments`))[0]!.count)

  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await pause(5)
  }
  const found = (sql: string) => async () => (await own.run(sql)).length > 0

  test('and whose answer alone was lost: the client gets what was committed, and so does its retry', async () => {
    const post = service(() => proxy.dropReplies())
    expect(await post()).toBe('201 first paid in run 1')
    expect(proxy.dropped()).toBeGreaterThan(0)
    expect(await post()).toBe('201 true paid in run 1')
    expect([runs, await payments()]).toEqual([1, 1])
    expect(told).toEqual(['claimed', 'settled', 'replayed'])
  })

  test.each<[string, (client: PoolClient) => unknown]>([
    ['before it arrived', () => proxy.inject('cut')],
    [
      'because the server ended it',
      async (client) => {
        const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
        await own.run(`SELECT pg_terminate_backend(${rows[0].pid})`)
      },
    ],
  ])('%s: nothing was committed, and the retry runs', async (_, fault) => {
    const post = service(fault)
    expect(await post()).toBe('the handler failed')
    await proxy.inject('none')
    expect(await payments()).toBe(0)
    expect(await post()).toBe('201 first paid in run 2')
    expect(await post()).toBe('201 true paid in run 2')
    expect([runs, await payments()]).toEqual([2, 1])
    expect(told).toEqual(['claimed', 'rolled_back', 'released', 'claimed', 'settled', 'replayed'])
  })

  describe('while the server is still carrying it out', () => {
    const lock = 7_461_001
    let holder: PoolClient

    /** A commit that waits for us: a deferred trigger that wants a lock, and then raises an error if it is told to. */
    beforeEach(async () => {
      await own.run(`CREATE FUNCTION "${schema}".wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          PERFORM pg_advisory_xact_lock(${lock}, hashtext('${schema}'));
          IF EXISTS (SELECT FROM "${schema}".decline) THEN RAISE EXCEPTION 'declined'; END IF;
          RETURN NULL;
        END $$;
        CREATE TABLE "${schema}".decline ();
        CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON "${schema}".payments DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION "${schema}".wait()`)
      holder = await own.client.connect()
      await holder.query(`SELECT pg_advisory_lock(${lock}, hashtext('${schema}'))`)
    })
    afterEach(() => holder.release(true))
    const letGo = () => holder.query(`SELECT pg_advisory_unlock(${lock}, hashtext('${schema}'))`)

    /** The first request, cut off in the middle of its commit; resolves once the guard waits for the record's lock. */
    async function cutInCommit(options: Partial<IdempotencyOptions> = {}) {
      const post = service(() => undefined, { settleTimeoutSeconds: 15, ...options })
      const first = post()
      await until(found(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = ${lock} AND NOT granted`))
      await proxy.inject('cut')
      await until(found(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`))
      await proxy.inject('none')
      return { post, first }
    }

    test('is waited for: it commits after all, and the client gets that', async () => {
      const { post, first } = await cutInCommit()
      await letGo()
      expect(await first).toBe('201 first paid in run 1')
      expect(await post()).toBe('201 true paid in run 1')
      expect([runs, await payments()]).toEqual([1, 1])
      expect(told).toEqual(['claimed', 'settled', 'replayed'])
    })

    test('is waited for: it fails after all, and the retry runs', async () => {
      const { post, first } = await cutInCommit()
      await own.run(`INSERT INTO "${schema}".decline DEFAULT VALUES`)
      await letGo()
      expect(await first).toBe('the handler failed')
      await own.run(`DELETE FROM "${schema}".decline`)
      expect(await post()).toBe('201 first paid in run 2')
      expect([runs, await payments()]).toEqual([2, 1])
      expect(told).toEqual(['claimed', 'rolled_back', 'released', 'claimed', 'settled'])
    })

    test('for longer than that: 503, nothing runs twice, and what it comes to is what the retry gets', async () => {
      const { post, first } = await cutInCommit({ settleTimeoutSeconds: 2 })
      expect(await first).toContain('503 first')
      expect(await post()).toContain('idempotency-in-progress')
      await letGo()
      await until(async () => (await post()) === '201 true paid in run 1')
      expect([runs, await payments()]).toEqual([1, 1])
      expect(told.slice(0, 2)).toEqual(['claimed', 'commit_unknown'])
    })
  })
})
