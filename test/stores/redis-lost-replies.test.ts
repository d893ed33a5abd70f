import { StoreError } from '@latchkey/core'
import { type RedisStoreOptions, redisStore } from '@latchkey/stores/redis'
import { describe, expect, it, test } from 'vitest'
import { faultProxy } from '../faults/fault-proxy.js'
import { clients, openIoredis, openNodeRedis } from './redis-clients.js'
import { afterwards, connect, fault, request, rigOn, untilItAnswers } from './redis-rig.js'
import { noRedisServer } from './redis-server.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`replies of Redis that get lost (skipped: ${reason})`)

const reply = Buffer.from('reply')

async function lossyRig(open: typeof openIoredis, options: Partial<RedisStoreOptions> = {}) {
  const { server, admin } = await rigOn(open)
  const way = await faultProxy(server.port)
  afterwards(() => way.close())
  const { client } = await connect(open, `redis://127.0.0.1:${way.port}`)
  const store = redisStore({ client, ...options })
  await store.idempotency.claim(request('warm'))
  return { store, way, admin }
}

describe.skipIf(reason !== undefined)('a reply that was lost after the command was carried out', () => {
  test('is asked for again by ioredis, and every write recognises itself', async () => {
    const { store, way } = await lossyRig(openIoredis)
    const { idempotency, keys, replay } = store
    way.dropReplies()
    expect(await idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
    way.dropReplies()
    expect(await idempotency.renew('a', 'token a', 30, 600)).toBe('ok')
    way.dropReplies()
    expect(await idempotency.settle('a', 'token a', reply, 600)).toBe('ok')
    way.dropReplies()
    expect(await replay.reserve('a', 'token', 30)).toEqual({ outcome: 'reserved' })
    way.dropReplies()
    expect(await replay.commit('a', 'token', 600)).toBe('ok')
    way.dropReplies()
    expect(await keys.revoke('absentabsent', 1, null)).toBe(false)
  })

  test('is an error of node-redis, and the claim recognises itself when the guard asks again', async () => {
    const { store, way } = await lossyRig(openNodeRedis)
    way.dropReplies()
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable'))
    const claim = await untilItAnswers(async () => store.idempotency.claim(request('a')))
    expect(claim).toEqual({ outcome: 'claimed', attempt: 1 })
  })

  test.each(clients)('leaves no more than one run behind, by %s', async (_, open) => {
    const { store, way, admin } = await lossyRig(open)
    way.dropReplies()
    await Promise.allSettled([store.idempotency.claim(request('a'))])
    const other = request('a', { token: 'other' })
    const answer = await untilItAnswers(async () => store.idempotency.claim(other))
    expect(answer).toMatchObject({ outcome: 'running' })
    expect(await admin('HGET', 'latchkey:idempotency:a', 'token')).toBe('token a')
  })
})

describe.skipIf(reason !== undefined).each(clients)('what is given up, by %s,', (_, open) => {
  test('before it could be sent is never carried out', async () => {
    const { store, way, admin } = await lossyRig(open, { operationTimeoutSeconds: 0.3 })
    await way.inject('refuse')
    // The first may leave before the client has noticed.
    for (const id of ['first', 'late']) {
      await expect(store.idempotency.claim(request(id))).rejects.toBeInstanceOf(StoreError)
    }
    await way.inject('none')
    await untilItAnswers(async () => store.idempotency.claim(request('probe')))
    expect(await admin('EXISTS', 'latchkey:idempotency:late')).toBe(0)
  })

  test('counts as pending for as long as the client holds it', async () => {
    const { store, way } = await lossyRig(open, { operationTimeoutSeconds: 0.3, maxPendingOperations: 4 })
    const claim = async (id: string) => store.idempotency.claim(request(id))
    await way.inject('black-hole')
    const four = await Promise.allSettled(['a', 'b', 'c', 'd'].map(claim))
    expect(four).toEqual(Array(4).fill({ status: 'rejected', reason: fault('timeout') }))
    await expect(claim('e')).rejects.toThrow('Too many operations')
    await way.inject('none')
    expect(await untilItAnswers(() => claim('e'))).toEqual({ outcome: 'claimed', attempt: 1 })
  })
})
