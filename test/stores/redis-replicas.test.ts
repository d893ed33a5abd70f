import { type RedisStore, type RedisStoreOptions, redisStore } from '@latchkey/stores/redis'
import { createClientPool } from 'redis'
import { describe, expect, it, test } from 'vitest'
import { type FaultProxy, faultProxy } from '../faults/fault-proxy.js'
import { clients, type OpenClient, type OpenClientOn, openNodeRedis } from './redis-clients.js'
import { operations } from './redis-operations.js'
import { afterwards, connect, fault, key, type Rig, request, rigOn, untilItAnswers } from './redis-rig.js'
import { noRedisServer, startRedis } from './redis-server.js'
import { commandsDuring } from './redis-watch.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`replicas of Redis (skipped: ${reason})`)

const reply = Buffer.from('reply')
const other = (id: string) => request(id, { token: 'other' })

interface Pair extends Rig {
  /** Between the master and its replica. */
  readonly way: FaultProxy
  readonly replica: OpenClient
  /** A store on the replica, once that is promoted. */
  promoted(): Promise<RedisStore>
}

async function pairOn(open: OpenClientOn, options: Partial<RedisStoreOptions> = {}): Promise<Pair> {
  const rig = await rigOn(open, ['--repl-diskless-sync-delay', '0', '--repl-timeout', '60'], options)
  const way = await faultProxy(rig.server.port)
  afterwards(() => way.close())
  const server = await startRedis('--replicaof', '127.0.0.1', String(way.port))
  afterwards(() => server.remove())
  const replica = await connect(open, server.url)
  await rig.admin('SET', 'in step', 'yes')
  await expect.poll(() => rig.admin('WAIT', '1', '100'), { timeout: 10_000 }).toBe(1)
  const promoted = async () => {
    await replica.call('REPLICAOF', 'NO', 'ONE')
    return redisStore({ client: replica.client })
  }
  return { ...rig, way, replica, promoted }
}

const waiting = { replicas: { count: 1, timeoutSeconds: 2 } }
const hasty = { replicas: { count: 1, timeoutSeconds: 0.2 } }

describe.skipIf(reason !== undefined).each(clients)('by %s', (_, open) => {
  test('without waiting, a replica that is promoted before it has the claim lets the request run twice, and fences the first', async () => {
    const { store, way, promoted } = await pairOn(open)
    await way.inject('black-hole')
    expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
    const { idempotency } = await promoted()
    expect(await idempotency.claim(other('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
    expect(await idempotency.settle('a', 'token a', reply, 600)).toBe('stale')
    expect(await idempotency.renew('a', 'token a', 30, 600)).toBe('stale')
    expect(await idempotency.release('a', 'token a')).toBe('stale')
    expect(await idempotency.settle('a', 'other', reply, 600)).toBe('ok')
  })

  test('what a replica has acknowledged is there when it is promoted', async () => {
    const { store, way, promoted } = await pairOn(open, waiting)
    await store.idempotency.claim(request('running'))
    await store.idempotency.claim(request('settled'))
    await store.idempotency.settle('settled', 'token settled', reply, 600)
    await store.replay.reserve('message', 'token', 30)
    await store.replay.commit('message', 'token', 600)
    await store.keys.insert(key)
    await store.keys.revoke(key.id, 5, null)
    await way.inject('black-hole')
    const { idempotency, replay, keys } = await promoted()
    expect(await idempotency.claim(other('running'))).toMatchObject({ outcome: 'running' })
    expect(await idempotency.claim(other('settled'))).toMatchObject({ outcome: 'settled' })
    expect(await replay.reserve('message', 'other', 30)).toEqual({ outcome: 'committed' })
    expect((await keys.find(key.id))?.revokedAtMs).toBe(5)
    expect(await idempotency.settle('running', 'token running', reply, 600)).toBe('ok')
  })

  const writes = Object.entries(operations).filter(([, { writes }]) => writes !== undefined)

  test('a write that no replica acknowledges is unavailable, until one does', async () => {
    const { store, client, way } = await pairOn(open, { ...hasty, keyPrefix: 'faulty:' })
    const unsure = redisStore({ client, keyPrefix: 'faulty:' })
    for (const [name, { prepare }] of writes) await prepare?.(unsure, name)
    await way.inject('black-hole')
    const outcomes = await Promise.allSettled(writes.map(([name, { run }]) => run(store, name)))
    const tooFew = { status: 'rejected', reason: fault('unavailable') }
    expect(outcomes).toEqual(writes.map(() => tooFew))
    await expect(store.idempotency.claim(request('a'))).rejects.toThrow('0 of 1')
    expect(await store.keys.find('absentabsent')).toBeUndefined()
    await way.inject('none')
    expect(await untilItAnswers(async () => store.idempotency.claim(request('a')))).toEqual({
      outcome: 'claimed',
      attempt: 1,
    })
    for (const [name, { run, answer, again }] of writes) {
      expect([answer, again]).toContainEqual(await untilItAnswers(() => run(store, name)))
    }
  })

  test('waiting costs no further round trip, and claims that come at once share it', async () => {
    const rig = await pairOn(open, waiting)
    await rig.store.idempotency.claim(request('warm'))
    const claim = async (id: string) => rig.store.idempotency.claim(request(id))
    expect(await commandsDuring(rig, () => claim('a'))).toEqual(['evalsha', 'wait'])
    const seen = await commandsDuring(rig, () =>
      Promise.all(Array.from({ length: 50 }, (_, index) => claim(`${index}`))),
    )
    expect(seen.filter((name) => name === 'evalsha')).toHaveLength(50)
    expect(seen.filter((name) => name === 'wait').length).toBeLessThan(10)
  })

  test('scripts that the server has flushed are sent again', async () => {
    const { store, admin } = await pairOn(open, waiting)
    await admin('SCRIPT', 'FLUSH')
    const claims = ['a', 'b', 'c'].map((id) => store.idempotency.claim(request(id)))
    expect((await Promise.all(claims)).map(({ outcome }) => outcome)).toEqual(['claimed', 'claimed', 'claimed'])
  })

  test('one write that is refused leaves the others of its round alone', async () => {
    const { store, admin } = await pairOn(open, waiting)
    await admin('SET', 'latchkey:idempotency:theirs', 'text')
    const ids = ['a', 'theirs', 'b']
    const claims = await Promise.allSettled(ids.map(async (id) => store.idempotency.claim(request(id))))
    expect(claims.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(claims[1]).toMatchObject({ reason: fault('corrupt') })
  })

  test('a wait that has lost its connection is not sent on another, where it would say nothing of the write', async () => {
    const pair = await pairOn(open)
    const toMaster = await faultProxy(pair.server.port)
    afterwards(() => toMaster.close())
    const { client, call } = await connect(open, `redis://127.0.0.1:${toMaster.port}`)
    const store = redisStore({ client, ...waiting })
    await store.idempotency.claim(request('warm'))
    await pair.way.inject('black-hole')
    const seen = await commandsDuring(pair, async () => {
      const claim = Promise.allSettled([store.idempotency.claim(request('a'))])
      await expect.poll(() => pair.admin('EXISTS', 'latchkey:idempotency:a')).toBe(1)
      await toMaster.inject('cut')
      await toMaster.inject('none')
      expect(await claim).toEqual([{ status: 'rejected', reason: fault('unavailable') }])
      await expect.poll(() => call('PING').catch(() => undefined)).toBe('PONG')
    })
    expect(seen.filter((name) => name === 'wait')).toHaveLength(1)
  })

  test('a master that is silent costs a write its time, and not the writes that come when it is back', async () => {
    const { server } = await pairOn(open)
    const way = await faultProxy(server.port)
    afterwards(() => way.close())
    const { client } = await connect(open, `redis://127.0.0.1:${way.port}`)
    const store = redisStore({ client, ...waiting, operationTimeoutSeconds: 1 })
    await store.idempotency.claim(request('warm'))
    await way.inject('half-open')
    for (const id of ['a', 'b']) await expect(store.idempotency.claim(request(id))).rejects.toEqual(fault('timeout'))
    await way.inject('none')
    expect(await untilItAnswers(async () => store.idempotency.claim(request('a')))).toEqual({
      outcome: 'claimed',
      attempt: 1,
    })
  })
})

test.skipIf(reason !== undefined)('a pool of node-redis waits on the connection that has written', async () => {
  const { server, way } = await pairOn(openNodeRedis)
  const client = createClientPool({ url: server.url })
  await client.connect()
  afterwards(() => client.destroy())
  const store = redisStore({ client, ...waiting })
  const claims = Array.from({ length: 20 }, async (_, index) => store.idempotency.claim(request(`${index}`)))
  expect((await Promise.all(claims)).map(({ outcome }) => outcome)).toEqual(Array(20).fill('claimed'))
  await way.inject('black-hole')
  await expect(redisStore({ client, ...hasty }).idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable'))
})
