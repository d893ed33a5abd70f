import { postgresStore } from '@latchkey/stores/postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { faultProxy } from '../faults/fault-proxy.js'
import { until } from './cached-keys.js'
import { afterwards, cachedOn } from './postgres-cached-keys.js'
import { openPg, openPostgresJs } from './postgres-clients.js'
import { newSchema } from './postgres-records.js'
import { noPostgresPrograms, startPostgres } from './postgres-server.js'

const reason = noPostgresPrograms()
if (reason !== undefined) it.skip(`changes of keys on a server of Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('a Postgres server', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>
  let own: ReturnType<typeof openPg>
  let schema: string

  beforeAll(async () => {
    server = await startPostgres()
    own = openPg(server.url, { max: 2 })
    own.client.on('error', () => undefined)
  })
  beforeEach(async () => {
    schema = newSchema()
    await postgresStore({ client: own.client, schema }).migrate()
  })
  afterAll(async () => {
    await own?.end()
    server?.remove()
  })

  const others = () => postgresStore({ client: own.client, schema }).keys

  /** The server processes that listen in place of whoever has this name. */
  const listening = (name: string) =>
    own.run(`SELECT pid FROM pg_stat_activity WHERE application_name = '${name}'
      AND (query ILIKE 'listen "%' OR query ILIKE 'listen latchkey%' OR query = 'SELECT 1')`)

  describe.each([
    ['pg', (url: string, name = 'app') => openPg(url, { max: 1, application_name: name })],
    ['postgres.js', (url: string, name = 'app') => openPostgresJs(`${url}?application_name=${name}`)],
  ])('by %s', (_, open) => {
    async function listensThroughProxy() {
      const proxy = await faultProxy(Number(new URL(server.url).port))
      afterwards({ end: () => proxy.close() })
      const { client } = afterwards(open(server.url))
      const listener = afterwards(open(server.url.replace(/:\d+\//, `:${proxy.port}/`)))
      const { cached } = cachedOn(client, schema, listener.client)
      await cached.untilHeard()
      return { proxy, cached }
    }

    test('that does not hear has nothing served from the cache, and then changes are heard again', async () => {
      const { proxy, cached } = await listensThroughProxy()
      const [one, two] = [await cached.issue(), await cached.issue()]
      await cached.untilKept(one)
      await proxy.inject('refuse')
      await cached.untilLost()
      expect(await cached.readsOf(two)).toBe(2)
      await others().revoke(one.info.id, 1, null)
      expect(await cached.reasonFor(one)).toBe('revoked')
      await proxy.inject('none')
      await cached.untilHeard()
      await cached.untilKept(two)
      await others().setDisabled(two.info.id, 1)
      await cached.untilRefused(two, 'disabled')
    }, 40_000)

    test.each(['black-hole', 'half-open'] as const)(
      'that falls silent (%s) is noticed, and what was missed is read',
      async (fault) => {
        const { proxy, cached } = await listensThroughProxy()
        const one = await cached.issue()
        await proxy.inject(fault)
        await others().revoke(one.info.id, 1, null)
        await cached.untilRefused(one, 'revoked')
        await proxy.inject('none')
        await cached.untilHeard()
        const two = await cached.issue()
        await cached.untilKept(two)
      },
      60_000,
    )

    test('whose operator ends the connection is listened to again', async () => {
      const name = newSchema()
      const { client } = afterwards(open(server.url, name))
      const { cached } = cachedOn(client, schema)
      await cached.untilHeard()
      const one = await cached.issue()
      const errors = cached.errors.length
      const found = await listening(name)
      expect(found.length).toBeGreaterThan(0)
      for (const { pid } of found) await own.run(`SELECT pg_terminate_backend(${pid})`)
      await until(() => cached.errors.length > errors)
      await cached.untilHeard()
      await cached.reasonFor(one)
      await others().revoke(one.info.id, 1, null)
      await cached.untilRefused(one, 'revoked')
    })

    test('that crashed and is back is listened to again', async () => {
      const { client } = afterwards(open(server.url))
      if ('on' in client) (client as { on(event: 'error', listener: () => void): void }).on('error', () => undefined)
      const { cached } = cachedOn(client, schema)
      await cached.untilHeard()
      const one = await cached.issue()
      server.stop()
      await cached.untilLost()
      await expect(async () => cached.keys.verify(one.key)).rejects.toThrow('Postgres')
      server.start()
      await cached.untilHeard()
      await others().revoke(one.info.id, 1, null)
      await cached.untilRefused(one, 'revoked')
    }, 60_000)
  })

  test('has one more connection of a pool that listens, which the pool does without, and none when the store is closed', async () => {
    const name = newSchema()
    const { client } = afterwards(openPg(server.url, { max: 1, application_name: name }))
    const { store, cached } = cachedOn(client, schema)
    await cached.untilHeard()
    expect(await listening(name)).toHaveLength(1)
    const taken = await client.connect()
    const { rows } = await taken.query('SELECT 1 AS one')
    expect([rows, client.totalCount]).toEqual([[{ one: 1 }], 1])
    taken.release()
    await store.close()
    await until(async () => (await listening(name)).length === 0)
    await client.query('SELECT 1 AS one')
  })

  test('that is reached by one Client is heard through the listener', async () => {
    const client = afterwards(new Client(server.url))
    await client.connect()
    const { cached } = cachedOn(client, schema, afterwards(openPg(server.url)).client)
    await cached.untilHeard()
    const one = await cached.issue()
    await others().revoke(one.info.id, 1, null)
    await cached.untilRefused(one, 'revoked')
  })
})
