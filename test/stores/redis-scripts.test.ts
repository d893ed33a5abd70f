import { apiKeys } from '@latchkey/core'
import { apiKeyAuth } from '@latchkey/hono'
import { redisStore } from '@latchkey/stores/redis'
import { Hono } from 'hono'
import { createClientPool } from 'redis'
import { describe, expect, it, test } from 'vitest'
import { CachedKeys, until } from './cached-keys.js'
import { apiOn } from './redis-api.js'
import { clients, openNodeRedis } from './redis-clients.js'
import { afterwards, connect, key, request, rigOn, token, untilItAnswers } from './redis-rig.js'
import { noRedisServer } from './redis-server.js'
import { commandsDuring } from './redis-watch.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`scripts, round trips and keys in Redis (skipped: ${reason})`)

const reply = Buffer.from('reply')

describe.skipIf(reason !== undefined).each(clients)('by %s', (_, open) => {
  test('a first request takes two round trips, a replay, each work on a key or a token and the count of a request one', async () => {
    const rig = await rigOn(open)
    const { idempotency, keys, rates, replay, tokens } = rig.store
    const owner = request('a')
    // Scripts are new to the server once.
    await idempotency.claim(request('warm'))
    await idempotency.settle('warm', 'token warm', reply, 600)
    await keys.find('abcdefabcdef')
    await replay.reserve('warm', 'token', 30)
    await tokens.insert(token, 60, false)
    await tokens.consume('warm')
    await tokens.revokeAll('nobody')

    expect(await commandsDuring(rig, () => Promise.resolve(idempotency.claim(owner)))).toEqual(['evalsha'])
    expect(await commandsDuring(rig, async () => idempotency.settle('a', owner.token, reply, 600))).toEqual(['evalsha'])
    expect(await commandsDuring(rig, async () => idempotency.claim(request('a', { token: 'other' })))).toEqual([
      'evalsha',
    ])
    expect(await commandsDuring(rig, async () => keys.find('abcdefabcdef'))).toEqual(['evalsha'])
    expect(await commandsDuring(rig, async () => replay.reserve('a', 'token', 30))).toEqual(['evalsha'])
    expect(await commandsDuring(rig, async () => tokens.insert(token, 60, true))).toEqual(['evalsha'])
    expect(await commandsDuring(rig, async () => tokens.consume('a'))).toEqual(['evalsha'])
    expect(await commandsDuring(rig, async () => tokens.revokeAll('alice'))).toEqual(['evalsha'])
    const limit = { limit: 1, windowSeconds: 60 }
    const quota = { remaining: 1, refill: null, refillAtMs: null }
    const works = {
      insert: () => keys.insert({ ...key, quota }, 5),
      findByLookup: () => keys.findByLookup(['a', 'b']),
      list: () => keys.list({ ownerId: 'alice', environment: 'live', nameContains: 'a', limit: 10 }),
      update: () => keys.update(key.id, { name: 'a', quota }),
      rotate: () => keys.rotate(key.id, { ...key, id: 'another' }, null),
      shorten: () => keys.shorten(key.id, 5),
      revokeAll: () => keys.revokeAll('alice', 5, null),
      rehash: () => keys.rehash(key.id, key, key),
      touch: () => keys.touch(key.id, 5),
      spend: () => keys.spend(key.id, 5),
      remove: () => keys.remove(key.id),
      count: () => rates.count('a', limit),
    }
    for (const [name, work] of Object.entries(works)) {
      // A script that is new to the server takes a second.
      await work()
      expect(await commandsDuring(rig, async () => work()), name).toEqual(['evalsha'])
    }
  })

  test('so it is for a guard, over all that it does for a request', async () => {
    const rig = await rigOn(open)
    const { pay } = apiOn({ client: rig.client })
    for (const _ of ['first', 'replay']) await pay('warm')
    expect(await commandsDuring(rig, () => pay('k'))).toEqual(['evalsha', 'evalsha'])
    expect(await commandsDuring(rig, () => pay('k'))).toEqual(['evalsha'])
    const keys = apiKeys({ store: rig.store, prefix: 'acme' })
    const { key: authorization } = await keys.issue({ ownerId: 'alice', environment: 'live' })
    const app = new Hono().get('/', apiKeyAuth({ keys }), (c) => c.text('in'))
    const enter = async () => app.request('/', { headers: { authorization: `Bearer ${authorization}` } })
    await enter()
    // The first use of a key is written beside the request, and the next one a minute later.
    await keys.flush()
    const seen = await commandsDuring(rig, async () => expect((await enter()).status).toBe(200))
    expect(seen).toEqual(['evalsha'])
  })

  test('the verification of a key takes one round trip, and none where its record is kept', async () => {
    const rig = await rigOn(open)
    const cached = new CachedKeys(rig.store)
    afterwards(() => rig.store.close())
    await cached.untilHeard()
    const { key, info } = await cached.issue()
    // The subscription asks now and then whether it is alive; no request waits for that.
    const sentBy = async (work: () => unknown) =>
      (await commandsDuring(rig, async () => work())).filter((name) => name !== 'ping')
    await until(async () => (await sentBy(() => cached.keys.verify(key))).length === 0)
    await cached.keys.disable(info.id)
    expect(await sentBy(() => cached.keys.verify(key))).toEqual(['evalsha'])
    await until(async () => (await sentBy(() => cached.keys.verify(key))).length === 0)
  })

  test('scripts that the server has flushed are sent again', async () => {
    const { store, admin } = await rigOn(open)
    await store.idempotency.claim(request('a'))
    await admin('SCRIPT', 'FLUSH')
    expect(await store.idempotency.claim(request('a', { token: 'other' }))).toMatchObject({ outcome: 'running' })
    await admin('SCRIPT', 'FLUSH')
    expect(await store.idempotency.settle('a', 'token a', reply, 600)).toBe('ok')
  })

  test('a server that crashed and is back is used again, with what it has kept', async () => {
    const { store, server } = await rigOn(open, ['--appendonly', 'yes', '--appendfsync', 'always'])
    await store.idempotency.claim(request('a'))
    await store.idempotency.settle('a', 'token a', reply, 600)
    await server.kill()
    await expect(store.idempotency.claim(request('a', { token: 'other' }))).rejects.toThrow('Redis')
    await server.restart()
    const answer = await untilItAnswers(async () => store.idempotency.claim(request('a', { token: 'other' })))
    expect(answer).toEqual({ outcome: 'settled', reply: new Uint8Array(reply) })
  })

  test('of 64 claims over eight connections one is claimed', async () => {
    const rig = await rigOn(open)
    const others = await Promise.all(Array.from({ length: 8 }, () => connect(open, rig.server.url)))
    const stores = others.map(({ client }) => redisStore({ client }))
    const claims = Array.from({ length: 64 }, (_, index) =>
      stores[index % 8]!.idempotency.claim(request('a', { token: `token ${index}` })),
    )
    const outcomes = (await Promise.all(claims)).map(({ outcome }) => outcome).sort()
    expect(outcomes).toEqual(['claimed', ...Array(63).fill('running')])
  })

  test('every key expires by itself, except those of API keys', async () => {
    const { store, admin } = await rigOn(open)
    for (const id of ['running', 'settled', 'tombstone', 'resolved']) await store.idempotency.claim(request(id))
    await store.idempotency.renew('running', 'token running', 30, 600)
    await store.idempotency.settle('settled', 'token settled', reply, 600)
    for (const id of ['tombstone', 'resolved']) await store.idempotency.tombstone(id, `token ${id}`, reply, 600)
    await store.idempotency.resolve('resolved', { kind: 'settle', reply }, 600)
    for (const id of ['reserved', 'committed']) await store.replay.reserve(id, 'token', 30)
    await store.replay.commit('committed', 'token', 600)
    await store.tokens.insert(token, 60, false)
    await store.tokens.insert({ ...token, id: 'b' }, 600, false)
    await store.rates.count('meter', { limit: 1, windowSeconds: 60 })
    await store.rates.count('meter', { limit: 1, windowSeconds: 60 })
    await store.keys.insert({ ...key, lookup: 'a', quota: { remaining: 1, refill: null, refillAtMs: null } })
    await store.keys.revoke(key.id, 1, 'leaked')
    const found = ((await admin('KEYS', '*')) as string[]).sort()
    const lives = await Promise.all(found.map(async (name) => [name, Number(await admin('PTTL', name)) > 0]))
    expect(Object.fromEntries(lives)).toEqual({
      'latchkey:idempotency:running': true,
      'latchkey:idempotency:settled': true,
      'latchkey:idempotency:tombstone': true,
      'latchkey:idempotency:resolved': true,
      'latchkey:replay:reserved': true,
      'latchkey:replay:committed': true,
      'latchkey:{tokens}:token:a': true,
      'latchkey:{tokens}:token:b': true,
      'latchkey:{tokens}:subject:"alice"': true,
      'latchkey:rate:"meter"': true,
      'latchkey:{keys}:ids': false,
      'latchkey:{keys}:key:abcdefabcdef': false,
      'latchkey:{keys}:owner:"alice"': false,
      'latchkey:{keys}:meter:"abcdefabcdef"': false,
      'latchkey:{keys}:lookups': false,
      'latchkey:{keys}:quotas': false,
    })
    // The index lives as long as the token that lives longest.
    expect(Number(await admin('PTTL', 'latchkey:{tokens}:subject:"alice"'))).toBeGreaterThan(500_000)
    // Keys that go leave nothing behind.
    await store.keys.insert({ ...key, id: 'first', lookup: 'b' })
    await store.keys.rotate('first', { ...key, id: 'second' }, null)
    for (const id of [key.id, 'first', 'second']) expect(await store.keys.remove(id)).toBe(true)
    expect(await admin('KEYS', 'latchkey:{keys}*')).toEqual([])
  })

  test('a window without an end, which another hand has made, has ended', async () => {
    const { store, admin } = await rigOn(open)
    await admin('SET', 'latchkey:rate:"meter"', '999')
    const count = async () => store.rates.count('meter', { limit: 1, windowSeconds: 60 })
    expect(await count()).toEqual({ isAllowed: true, remaining: 0, resetMs: 60_000 })
    expect(await count()).toMatchObject({ isAllowed: false, remaining: 0 })
    expect(Number(await admin('PTTL', 'latchkey:rate:"meter"'))).toBeGreaterThan(50_000)
  })

  test('keys are searched to the end of a large index, and a page is empty only there', async () => {
    const { store } = await rigOn(open)
    const ids = Array.from({ length: 2500 }, (_, index) => `key${String(index).padStart(6, '0')}`)
    const wanted = new Map([
      [ids[1700]!, 'nab"le'],
      [ids[2400]!, 'en\nable'],
    ])
    await Promise.all(
      ids.map(async (id) => store.keys.insert({ ...key, id, meterId: id, name: wanted.get(id) ?? 'n\nb' })),
    )
    const found = async (nameContains: string, limit: number, after?: string) =>
      (await store.keys.list({ nameContains, limit, ...(after && { after }) })).map(({ id }) => id)
    expect(await found('ab', 10)).toEqual([...wanted.keys()])
    expect(await found('ab', 1)).toEqual([ids[1700]])
    expect(await found('ab', 1, ids[1700])).toEqual([ids[2400]])
    expect(await found('ab', 1, ids[2400])).toEqual([])
    // An escape of JSON holds an n; the names do not.
    expect(await found('\\n', 10)).toEqual([])
  })

  test('an insert that is sent again finds its own key, and another’s is taken', async () => {
    const { store } = await rigOn(open)
    expect(await store.keys.insert(key)).toBe('ok')
    expect(await store.keys.insert(key)).toBe('ok')
    expect(await store.keys.insert({ ...key, digest: 'another' })).toBe('taken')
    expect(await store.keys.list({ limit: 10 })).toEqual([key])
  })
})

test.skipIf(reason !== undefined)('a pool of node-redis is as good as one connection', async () => {
  const { server } = await rigOn(openNodeRedis)
  const client = createClientPool({ url: server.url })
  await client.connect()
  afterwards(() => client.destroy())
  const { idempotency } = redisStore({ client })
  const claims = Array.from({ length: 64 }, (_, index) => idempotency.claim(request('a', { token: `token ${index}` })))
  const outcomes = (await Promise.all(claims)).map(({ outcome }) => outcome).sort()
  expect(outcomes).toEqual(['claimed', ...Array(63).fill('running')])
  expect((await idempotency.list({ limit: 10 })).map(({ id }) => id)).toEqual(['a'])
})
