import { apiKeys, idempotency } from '@latchkey/core'
import { protect } from '@latchkey/fetch'
import { postgresStore } from '@latchkey/stores/postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { CachedKeys, until } from './cached-keys.js'
import { type OpenClient, openPg, openPglite, openPostgresJs } from './postgres-clients.js'
import { countedClient } from './postgres-counter.js'
import { key, newSchema, request, token } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

/** Round trips, by the client's own count. */
function declare(openClient: () => OpenClient): void {
  const schema = newSchema()
  let opened: OpenClient
  let counted: ReturnType<typeof countedClient>
  beforeAll(async () => {
    opened = openClient()
    await postgresStore({ client: opened.client, schema }).migrate()
  })
  afterEach(() => opened.run(`DELETE FROM "${schema}".latchkey_idempotency`))
  afterAll(async () => {
    await opened.run(`DROP SCHEMA "${schema}" CASCADE`)
    await opened.end()
  })

  const openStore = async () => {
    counted = countedClient(opened.client)
    const store = postgresStore({ client: counted.client, schema })
    await store.check()
    return store
  }

  test('a first request takes two, its replay one, and so does whoever is refused', async () => {
    const store = await openStore()
    let runs = 0
    const guard = idempotency({ store, scope: 'everyone' })
    const handle = protect({ idempotency: guard }, () => Response.json({ run: ++runs }))
    const post = (body: string) => async () => {
      const headers = { 'idempotency-key': 'k', 'content-type': 'application/json' }
      const reply = await handle(new Request('http://a.test/payments', { method: 'POST', body, headers }))
      await reply.text()
    }
    expect(await counted.sentBy(post('{}'))).toBe(2)
    expect(await counted.sentBy(post('{}'))).toBe(1)
    expect(await counted.sentBy(post('[]'))).toBe(1)
    expect(runs).toBe(1)
    expect(await counted.sentBy(() => store.idempotency.claim(request('a')))).toBe(1)
    expect(await counted.sentBy(() => store.idempotency.claim(request('a', { token: 'another' })))).toBe(1)
  })

  test('the verification of a key takes one, and its first use another in the background', async () => {
    const store = await openStore()
    const keys = apiKeys({ store, prefix: 'acme' })
    const { key } = await keys.issue({ ownerId: 'alice', environment: 'live', scopes: ['a:b'] })
    const firstUse = async () => {
      await keys.verify(key)
      await keys.flush()
    }
    expect(await counted.sentBy(firstUse)).toBe(2)
    expect(await counted.sentBy(() => keys.verify(key))).toBe(1)
    expect(await counted.sentBy(() => keys.verify('acme_live_nonsense'))).toBe(0)
  })

  test('the verification of a key whose record is kept takes none', async () => {
    const store = await openStore()
    const cached = new CachedKeys(store)
    await cached.untilHeard()
    const { key, info } = await cached.issue()
    const sent = () => counted.sentBy(() => cached.keys.verify(key))
    // On a machine that stands still for seconds a subscription is given up and made anew, and reads until then.
    await until(async () => (await sent()) === 0)
    await cached.keys.revoke(info.id)
    expect(await sent()).toBe(1)
    await until(async () => (await sent()) === 0)
    await store.close()
  })

  test('a message takes two: its reservation and its commit', async () => {
    const store = await openStore()
    expect(await counted.sentBy(() => store.replay.reserve('a', 'token', 30))).toBe(1)
    expect(await counted.sentBy(() => store.replay.commit('a', 'token', 600))).toBe(1)
  })

  test('each work on a one-time token takes one', async () => {
    const store = await openStore()
    expect(await counted.sentBy(() => store.tokens.insert(token('a'), 60, false))).toBe(1)
    expect(await counted.sentBy(() => store.tokens.insert(token('b'), 60, true))).toBe(1)
    expect(await counted.sentBy(() => store.tokens.consume('b'))).toBe(1)
    expect(await counted.sentBy(() => store.tokens.revokeAll('alice'))).toBe(1)
  })

  test('the count of a request takes one, and what is refused writes nothing', async () => {
    const { rates } = await openStore()
    const row = () => opened.run(`SELECT *, xmin::text, xmax::text FROM "${schema}".latchkey_rates`)
    const count = () => rates.count('a', { limit: 1, windowSeconds: 60 })
    expect(await counted.sentBy(count)).toBe(1)
    const before = await row()
    expect(await counted.sentBy(async () => expect(await count()).toMatchObject({ isAllowed: false }))).toBe(1)
    expect(await row()).toEqual(before)
  })

  test('each work on a key takes one, whatever it looks at', async () => {
    const { keys } = await openStore()
    const [record, successor] = [key('a', { lookup: 'l' }), { ...key('b'), graceOnUseSeconds: null }]
    const quota = { remaining: 1, refill: null, refillAtMs: null }
    for (const work of [
      () => keys.insert(record, 5),
      () => keys.findByLookup(['k', 'l']),
      () => keys.list({ ownerId: 'alice', environment: 'live', nameContains: 'a', limit: 5 }),
      () => keys.update('a', { name: 'a', quota }),
      () => keys.rotate('a', successor, 1000),
      () => keys.touch('a', 1),
      () => keys.rehash('a', record, { ...record, digest: 'e' }),
      () => keys.spend('a', 0),
      () => keys.revokeAll('alice', 1000, null),
      () => keys.remove('a'),
    ]) {
      expect(await counted.sentBy(work), String(work)).toBe(1)
    }
  })

  test('a store that was not asked to look at its tables does so once, with the first operation', async () => {
    counted = countedClient(opened.client)
    const store = postgresStore({ client: counted.client, schema })
    expect(await counted.sentBy(() => undefined)).toBe(0)
    expect(await counted.sentBy(() => store.keys.find('a'))).toBe(2)
    expect(await counted.sentBy(() => store.keys.find('a'))).toBe(1)
  })
}

describe('round trips through PGlite', () => declare(openPglite))

const reason = await noPostgres()
if (reason !== undefined) it.skip(`round trips to a server of Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('round trips', () => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  beforeAll(async () => {
    server = await anyPostgres()
  })
  afterAll(() => server?.remove())
  describe('through pg', () => declare(() => openPg(server.url)))
  describe('through postgres.js', () => declare(() => openPostgresJs(server.url)))
})
