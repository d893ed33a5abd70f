import { redisStore } from '@latchkey/stores/redis'
import { noRedisServer, startRedis } from '@latchkey/tests/dist/stores/redis-server.js'
import { Idempotency } from '@node-idempotency/core'
import { RedisStorageAdapter } from '@node-idempotency/storage-adapter-redis'
import { Redis } from 'ioredis'
import { payment } from '../payment.js'
import { peerRequest } from '../peers/idempotency-peers.js'
import { type Database, daySeconds, latchkeySubject, type StoreSubject, storedText } from './store-subject.js'

const fencedSet = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

/** A Redis of its own, or the one that REDIS_URL names; a text says why there is none. */
export async function redisDatabase(): Promise<Database | string> {
  const named = process.env.REDIS_URL
  const reason = named === undefined ? noRedisServer() : undefined
  if (reason !== undefined) return `${reason}, and no REDIS_URL`
  const server = named === undefined ? await startRedis() : undefined
  const url = named ?? server!.url
  const client = new Redis(url)
  const watching = new Redis(url)
  const peer = new RedisStorageAdapter({ url })
  await peer.connect()
  return {
    name: 'Redis',
    subjects: [
      await bare(client),
      latchkeySubject('Latchkey redisStore()', redisStore({ client, keyPrefix: 'latchkey-bench:' }).idempotency),
      nodeIdempotency(new Idempotency(peer, { cacheTTLMS: daySeconds * 1000 })),
    ],
    trips: async () => Number(/total_reads_processed:(\d+)/.exec(await watching.info('stats'))![1]),
    close: async () => {
      await peer.disconnect()
      client.disconnect()
      watching.disconnect()
      await server?.remove()
    },
  }
}

async function bare(client: Redis): Promise<StoreSubject> {
  const digest = (await client.script('LOAD', fencedSet)) as string
  const milliseconds = daySeconds * 1000
  const take = (key: string) => client.set(`bare-bench:${key}`, key, 'PX', milliseconds, 'NX', 'GET')
  return {
    name: 'ioredis, two commands',
    kind: 'floor',
    remark: 'SET NX GET, and a script with one comparison; no fingerprint, no scope',
    first: async (key) => {
      if ((await take(key)) !== null) throw new Error('a new key was there')
      if ((await client.evalsha(digest, 1, `bare-bench:${key}`, key, storedText, milliseconds)) !== 1)
        throw new Error('not stored')
    },
    replay: async (key) => {
      if ((await take(key)) !== storedText) throw new Error('no reply')
    },
  }
}

function nodeIdempotency(core: Idempotency): StoreSubject {
  return {
    name: '@node-idempotency, redis',
    kind: 'peer',
    remark: 'completes without looking whose the claim is',
    first: async (key) => {
      const request = peerRequest(key, payment)
      await core.onRequest(request)
      await core.onResponse(request, { body: storedText, additional: { status: 201 } })
    },
    replay: async (key) => {
      if ((await core.onRequest(peerRequest(key, payment))) === undefined) throw new Error('no reply')
    },
  }
}
