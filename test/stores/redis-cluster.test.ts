import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { storeSuite } from '@latchkey/conformance'
import { redisStore } from '@latchkey/stores/redis'
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest'
import { openIoredis } from './redis-clients.js'
import { type ClusterClient, clusterClients, type RedisCluster, startCluster } from './redis-cluster.js'
import { fault, request } from './redis-rig.js'
import { noRedisServer } from './redis-server.js'

vi.setConfig({ maxConcurrency: 32 })

const reason = noRedisServer()
if (reason !== undefined) it.skip(`the store suite on a Cluster of Redis (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('on a Cluster', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster.remove())

  describe.each(clusterClients)('%s', (name, open) => {
    let opened: ClusterClient
    beforeAll(async () => {
      opened = await open(cluster)
    })
    afterAll(() => opened.end())

    const newPrefix = () => `latchkey-${randomBytes(8).toString('hex')}:`
    const newStore = (keyPrefix = newPrefix()) => redisStore({ client: opened.client, keyPrefix })

    storeSuite(`a Cluster by ${name}`, {
      open: () => {
        const keyPrefix = newPrefix()
        const another = () => newStore(keyPrefix)
        return { store: newStore(keyPrefix), another, advance: (milliseconds) => pause(milliseconds) }
      },
      clock: 'running',
      timeScale: 0.1,
    })

    test('records are spread over the nodes, and every node is checked', async () => {
      const store = newStore()
      await cluster.admin('FLUSHALL')
      for (let index = 0; index < 32; index++) await store.idempotency.claim(request(`id ${index}`))
      const sizes = (await cluster.admin('DBSIZE')).map(Number)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
      expect(sizes[0]! + sizes[1]!).toBe(32)
      await cluster.admin('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
      const warning = { type: 'redis.evicting_policy', policy: 'volatile-ttl' }
      expect(await store.check()).toEqual([warning, warning])
      await cluster.admin('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    })
  })

  test('a client of one node alone is unavailable for the slots of others, and says why', async () => {
    const { client, end } = await openIoredis(cluster.nodes[0]!.url)
    const store = redisStore({ client })
    const claims = await Promise.allSettled(
      Array.from({ length: 32 }, async (_, index) => store.idempotency.claim(request(`id ${index}`))),
    )
    end()
    const errors = claims.flatMap((claim) => (claim.status === 'rejected' ? [claim.reason] : []))
    expect(errors.length).toBeGreaterThan(0)
    expect(errors[0]).toEqual(fault('unavailable'))
    expect(errors[0].message).toContain('MOVED, it is a node of a Cluster')
  })
})
