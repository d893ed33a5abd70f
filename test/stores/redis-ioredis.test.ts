import { redisStore } from '@latchkey/stores/redis'
import { Redis } from 'ioredis'
import { describe, expect, it, test } from 'vitest'
import { openIoredis } from './redis-clients.js'
import { afterwards, fault, key, request, rigOn, token } from './redis-rig.js'
import { noRedisServer } from './redis-server.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`settings of ioredis (skipped: ${reason})`)

async function rigWith(settings: object) {
  const { server, admin } = await rigOn(openIoredis)
  const client = new Redis(server.url, settings)
  client.on('error', () => undefined)
  afterwards(() => client.disconnect())
  return { store: redisStore({ client }), server, admin }
}

describe.skipIf(reason !== undefined)('settings of ioredis', () => {
  test('its own key prefix comes first, also where records are listed', async () => {
    const { store, admin } = await rigWith({ keyPrefix: 'own*:' })
    await store.idempotency.claim(request('a'))
    await store.keys.insert(key)
    expect(await admin('EXISTS', 'own*:latchkey:idempotency:a')).toBe(1)
    expect((await store.idempotency.list({ limit: 10 })).map(({ id }) => id)).toEqual(['a'])
    expect((await store.keys.list({ ownerId: 'alice', limit: 10 })).map(({ id }) => id)).toEqual([key.id])
    expect(await store.keys.rotate(key.id, { ...key, id: 'second' }, null)).toBe('ok')
    expect(await store.keys.revokeAll('alice', 1, null)).toEqual([key.id, 'second'])
    expect(await admin('EXISTS', 'own*:latchkey:{keys}:key:second')).toBe(1)
    for (const id of ['a', 'b', 'c']) await store.tokens.insert({ ...token, id }, 60, id === 'b')
    expect(await admin('EXISTS', 'own*:latchkey:{tokens}:token:a', 'own*:latchkey:{tokens}:token:b')).toBe(1)
    expect(await store.tokens.revokeAll('alice')).toBe(2)
    expect(await store.tokens.consume('c')).toBeUndefined()
  })

  test('numbers as texts are read as numbers', async () => {
    const { store } = await rigWith({ stringNumbers: true })
    const quota = { remaining: 2, refill: { amount: 2, everySeconds: 5 }, refillAtMs: 9 }
    expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
    expect(await store.tokens.insert(token, 60, false)).toBeGreaterThan(1_700_000_000_000)
    expect(await store.tokens.revokeAll('alice')).toBe(1)
    expect(await store.keys.insert({ ...key, quota })).toBe('ok')
    expect(await store.keys.find(key.id)).toEqual({ ...key, quota })
    expect(await store.keys.spend(key.id, 1)).toEqual({ outcome: 'ok', remaining: 1, refillAtMs: 9 })
    const rateLimit = { limit: 2, windowSeconds: 60 }
    expect(await store.rates.count('a', rateLimit)).toEqual({ isAllowed: true, remaining: 1, resetMs: 60_000 })
    expect(await store.keys.find('absentabsent')).toBeUndefined()
  })

  test('a command that waits too long is a timeout', async () => {
    const { store, admin } = await rigWith({ commandTimeout: 100 })
    await store.idempotency.claim(request('warm'))
    await admin('CLIENT', 'PAUSE', '60000', 'WRITE')
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('timeout'))
    await admin('CLIENT', 'UNPAUSE')
    expect(await store.idempotency.claim(request('b'))).toEqual({ outcome: 'claimed', attempt: 1 })
  })

  test('without an offline queue the store is unavailable at once', async () => {
    const { store, server } = await rigWith({ enableOfflineQueue: false, retryStrategy: () => 50 })
    await server.kill()
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable'))
  })
})
