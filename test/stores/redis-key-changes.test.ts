import { ConfigurationError } from '@latchkey/core'
import { redisStore } from '@latchkey/stores/redis'
import { createClient, createClientPool } from 'redis'
import { describe, expect, it, test } from 'vitest'
import { faultProxy } from '../faults/fault-proxy.js'
import { CachedKeys } from './cached-keys.js'
import { clients, type OpenClientOn, openNodeRedis } from './redis-clients.js'
import { afterwards, connect, key, rigOn, untilItAnswers } from './redis-rig.js'
import { noRedisServer } from './redis-server.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`changes of keys in Redis (skipped: ${reason})`)

/** Keys with a cache, whose subscription goes through a network of its own, and others on the same server. */
async function subscribedThroughProxy(open: OpenClientOn) {
  const rig = await rigOn(open)
  const proxy = await faultProxy(rig.server.port)
  afterwards(() => proxy.close())
  const { client: subscriber } = await connect(open, `redis://127.0.0.1:${proxy.port}`)
  const store = redisStore({ client: rig.client, subscriber })
  const others = redisStore({ client: rig.client })
  afterwards(() => store.close())
  const cached = new CachedKeys(store)
  await cached.untilHeard()
  return { ...rig, proxy, cached, others }
}

describe.skipIf(reason !== undefined).each(clients)('by %s', (_, open) => {
  async function subscribed(...settings: string[]) {
    const rig = await rigOn(open, settings)
    const others = redisStore({ client: rig.client })
    const cached = new CachedKeys(rig.store)
    afterwards(() => rig.store.close())
    await cached.untilHeard()
    return { ...rig, cached, others }
  }

  test.each(['cut', 'refuse'] as const)(
    'while the subscription is lost (%s) nothing is served from the cache, and then changes are heard again',
    async (fault) => {
      const { proxy, cached, others } = await subscribedThroughProxy(open)
      const [one, two] = [await cached.issue(), await cached.issue()]
      expect(await cached.readsOf(one)).toBe(0)
      await proxy.inject(fault)
      await cached.untilLost()
      expect(await cached.readsOf(two)).toBe(2)
      await others.keys.revoke(one.info.id, 1, null)
      expect(await cached.reasonFor(one)).toBe('revoked')
      await proxy.inject('none')
      await cached.untilHeard()
      await cached.reasonFor(two)
      expect(await cached.readsOf(two)).toBe(0)
      await others.keys.setDisabled(two.info.id, 1)
      await cached.untilRefused(two, 'disabled')
    },
  )

  test.each(['black-hole', 'half-open'] as const)(
    'a subscription that falls silent (%s) is noticed, and what it missed is read',
    async (fault) => {
      const { proxy, cached, others } = await subscribedThroughProxy(open)
      const one = await cached.issue()
      await proxy.inject(fault)
      await others.keys.revoke(one.info.id, 1, null)
      await cached.untilRefused(one, 'revoked')
      await proxy.inject('none')
      await cached.untilHeard()
      const two = await cached.issue()
      expect(await cached.readsOf(two)).toBe(0)
    },
    40_000,
  )

  test('a subscriber that an operator disconnects is back by itself', async () => {
    const { admin, cached, others } = await subscribed()
    const one = await cached.issue()
    const lost = cached.untilLost()
    await admin('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await lost
    await cached.untilHeard()
    await cached.reasonFor(one)
    await others.keys.revoke(one.info.id, 1, null)
    await cached.untilRefused(one, 'revoked')
  })

  test('a server that crashed and is back is listened to again', async () => {
    const { server, cached, others } = await subscribed('--appendonly', 'yes', '--appendfsync', 'always')
    const one = await cached.issue()
    await server.kill()
    await cached.untilLost()
    await expect(async () => cached.keys.verify(one.key)).rejects.toThrow('Redis')
    await server.restart()
    await cached.untilHeard()
    expect(await untilItAnswers(() => cached.reasonFor(one))).toBe('valid')
    await others.keys.revoke(one.info.id, 1, null)
    await cached.untilRefused(one, 'revoked')
  })

  test('services under other prefixes hear nothing of it', async () => {
    const { client, cached } = await subscribed()
    const other = redisStore({ client, keyPrefix: 'other:' })
    const [one, two] = [await cached.issue(), await cached.issue()]
    await other.keys.insert({ ...key, id: one.info.id })
    await other.keys.revoke(one.info.id, 1, null)
    const others = redisStore({ client })
    await others.keys.revoke(two.info.id, 1, null)
    await cached.untilRefused(two, 'revoked')
    expect(cached.told).toEqual([two.info.id])
  })

  test('nobody subscribes unless somebody watches, and closing the store ends the subscription', async () => {
    const { store, admin } = await rigOn(open)
    const subscribers = async () => (await admin('PUBSUB', 'CHANNELS')) as string[]
    await store.keys.find('absentabsent')
    expect(await subscribers()).toEqual([])
    await new CachedKeys(store).untilHeard()
    expect(await subscribers()).toEqual(['latchkey:keys'])
    await store.close()
    await expect.poll(subscribers).toEqual([])
  })

  test('a user with the rights that the documents name publishes and subscribes', async () => {
    const { server, admin } = await rigOn(open)
    const rights =
      '~latchkey:* &latchkey:keys +eval +evalsha +hget +hmget +hset +hsetnx +hexists +hdel +exists +sadd +zadd'
    await admin(
      'ACL',
      'SETUSER',
      'app',
      'on',
      '>secret',
      ...`${rights} +zrangebylex +publish +subscribe +ping`.split(' '),
    )
    // What the clients themselves ask for at the start.
    await admin('ACL', 'SETUSER', 'app', '+info', '+client')
    const { client } = await connect(open, `redis://app:secret@127.0.0.1:${server.port}`)
    const [store, others] = [redisStore({ client }), redisStore({ client })]
    afterwards(() => store.close())
    const cached = new CachedKeys(store)
    await cached.untilHeard()
    const one = await cached.issue()
    await others.keys.revoke(one.info.id, 1, null)
    await cached.untilRefused(one, 'revoked')
  })

  test('a user who may neither publish nor subscribe writes all the same, and nothing is kept', async () => {
    const { server, admin } = await rigOn(open)
    await admin('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '+@all', 'resetchannels')
    const { client } = await connect(open, `redis://app:secret@127.0.0.1:${server.port}`)
    const store = redisStore({ client })
    afterwards(() => store.close())
    const cached = new CachedKeys(store)
    await expect
      .poll(() => cached.errors)
      .toEqual([expect.objectContaining({ message: expect.stringContaining('NOPERM') })])
    const one = await cached.issue()
    expect(await cached.readsOf(one)).toBe(2)
    expect(await cached.keys.revoke(one.info.id)).toBe(true)
    expect(await cached.reasonFor(one)).toBe('revoked')
  })
})

describe.skipIf(reason !== undefined)('a pool of node-redis', () => {
  test('cannot be watched by itself, and can with a subscriber, which need not be connected', async () => {
    const { server } = await rigOn(openNodeRedis)
    const pool = createClientPool({ url: server.url })
    await pool.connect()
    afterwards(() => pool.destroy())
    const watch = () => new CachedKeys(redisStore({ client: pool }))
    expect(watch).toThrow(ConfigurationError)
    expect(watch).toThrow('"subscriber"')
    const store = redisStore({ client: pool, subscriber: createClient({ url: server.url }) })
    afterwards(() => store.close())
    const cached = new CachedKeys(store)
    await cached.untilHeard()
    const one = await cached.issue()
    await redisStore({ client: pool }).keys.revoke(one.info.id, 1, null)
    await cached.untilRefused(one, 'revoked')
  })
})

test('a subscriber that is no client is refused by its name', () => {
  const construct = () => redisStore({ client: createClient(), subscriber: 'redis://localhost' as never })
  expect(construct).toThrow(ConfigurationError)
  expect(construct).toThrow('"subscriber" must be')
})
