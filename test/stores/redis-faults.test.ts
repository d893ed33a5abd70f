import { inspect } from 'node:util'
import { StoreError } from '@latchkey/core'
import type { RedisStoreEvent } from '@latchkey/stores/redis'
import { redisStore } from '@latchkey/stores/redis'
import { describe, expect, it, test } from 'vitest'
import { clients } from './redis-clients.js'
import { connect, fault, key, request, rigOn, token, untilItAnswers } from './redis-rig.js'
import { noRedisServer, startRedis } from './redis-server.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`faults of Redis (skipped: ${reason})`)

const reply = Buffer.from('canary-reply')

describe.skipIf(reason !== undefined).each(clients)('by %s', (_, open) => {
  test('a record that was flushed between claim and settle does not come back', async () => {
    const { store, admin } = await rigOn(open)
    const { idempotency, replay } = store
    await idempotency.claim(request('a'))
    await replay.reserve('a', 'token', 30)
    await admin('FLUSHALL')
    expect(await idempotency.settle('a', 'token a', reply, 600)).toBe('stale')
    expect(await idempotency.tombstone('a', 'token a', reply, 600)).toBe('stale')
    expect(await idempotency.renew('a', 'token a', 30, 600)).toBe('stale')
    expect(await replay.commit('a', 'token', 600)).toBe('stale')
    expect(await admin('DBSIZE')).toBe(0)
  })

  test('a server without memory refuses claims and replies whole, and takes them when it has room again', async () => {
    const { store, admin } = await rigOn(open, ['--maxmemory-policy', 'noeviction'])
    const { idempotency, keys } = store
    await idempotency.claim(request('a'))
    await admin('CONFIG', 'SET', 'maxmemory', '1')
    await expect(idempotency.claim(request('b'))).rejects.toEqual(fault('unavailable'))
    await expect(idempotency.claim(request('b'))).rejects.toThrow('OOM')
    await expect(idempotency.settle('a', 'token a', reply, 600)).rejects.toEqual(fault('unavailable'))
    await expect(store.replay.reserve('b', 'token', 30)).rejects.toEqual(fault('unavailable'))
    await expect(store.tokens.insert(token, 60, true)).rejects.toEqual(fault('unavailable'))
    expect(await keys.find('abcdefabcdef')).toBeUndefined()
    expect(await idempotency.claim(request('a', { token: 'other' }))).toMatchObject({ outcome: 'running' })
    expect(await admin('DBSIZE')).toBe(1)
    await admin('CONFIG', 'SET', 'maxmemory', '0')
    expect(await idempotency.settle('a', 'token a', reply, 600)).toBe('ok')
    expect(await idempotency.claim(request('b'))).toEqual({ outcome: 'claimed', attempt: 1 })
  })

  test('a replica takes no claims', async () => {
    const { store, server, admin } = await rigOn(open)
    const other = await startRedis('--replicaof', '127.0.0.1', String(server.port))
    try {
      const { client, end } = await open(other.url)
      const replica = redisStore({ client })
      await expect(replica.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable'))
      end()
    } finally {
      await other.remove()
    }
    expect(await store.idempotency.claim(request('a'))).toMatchObject({ outcome: 'claimed' })
    await admin('REPLICAOF', '127.0.0.1', '1')
    await expect(store.idempotency.settle('a', 'token a', reply, 600)).rejects.toThrow(/READONLY|MASTERDOWN/)
  })

  test('what another program keeps under our names is neither read nor overwritten', async () => {
    const { store, admin } = await rigOn(open)
    const text = ['latchkey:idempotency:a', 'latchkey:replay:a', 'latchkey:{keys}:key:a']
    for (const name of text) await admin('SET', name, 'theirs')
    await admin('HSET', 'latchkey:idempotency:b', 'their', 'field')
    await admin('HSET', 'latchkey:replay:b', 'their', 'field')
    await admin('HSET', 'latchkey:{keys}:key:b', 'their', 'field')
    for (const id of ['a', 'b']) {
      await expect(store.idempotency.claim(request(id))).rejects.toEqual(fault('corrupt'))
      await expect(store.replay.reserve(id, 'token', 30)).rejects.toEqual(fault('corrupt'))
      await expect(store.keys.find(id)).rejects.toEqual(fault('corrupt'))
    }
    expect(await store.idempotency.settle('b', 'token b', reply, 600)).toBe('stale')
    for (const write of [
      store.keys.revoke('b', 1, null),
      store.keys.remove('b'),
      store.keys.update('b', { name: 'b' }),
    ]) {
      expect(await write).toBe(false)
    }
    expect(await admin('HLEN', 'latchkey:{keys}:key:b')).toBe(1)
    await admin('SET', 'latchkey:rate:"a"', 'theirs', 'EX', '60')
    await expect(store.rates.count('a', { limit: 5, windowSeconds: 60 })).rejects.toEqual(fault('corrupt'))
    for (const name of text) expect(await admin('GET', name)).toBe('theirs')
    expect(await admin('HLEN', 'latchkey:idempotency:b')).toBe(1)
    await expect(store.idempotency.find('a')).rejects.toEqual(fault('corrupt'))
    expect(await store.idempotency.list({ limit: 10 })).toMatchObject([{ id: 'b', state: 'unreadable', attempt: 0 }])
  })

  test('a damaged record is neither run nor overwritten, and an operator can release it', async () => {
    const { store, admin } = await rigOn(open)
    const damages = [
      ['HSET', 'state', 'from the future'],
      ['HDEL', 'lease'],
      ['HSET', 'attempt', 'many'],
      ['HDEL', 'fingerprint'],
      ['HDEL', 'state'],
    ]
    for (const [index, [command, field, ...value]] of damages.entries()) {
      const id = `damaged ${index}`
      await store.idempotency.claim(request(id))
      await admin(command!, `latchkey:idempotency:${id}`, field!, ...value)
      await expect(store.idempotency.claim(request(id, { token: 'other' }))).rejects.toEqual(fault('corrupt'))
      expect(await store.idempotency.find(id)).toMatchObject({ id, state: 'unreadable' })
    }
    await admin('HDEL', 'latchkey:idempotency:damaged 1', 'state')
    await expect(store.idempotency.resolve('damaged 1', { kind: 'settle', reply }, 600)).rejects.toEqual(
      fault('corrupt'),
    )
    expect(await store.idempotency.resolve('damaged 1', { kind: 'release' }, 600)).toBe('ok')
    expect(await store.idempotency.claim(request('damaged 1'))).toEqual({ outcome: 'claimed', attempt: 1 })
  })

  test('an API key that cannot be read is corrupt, not unknown', async () => {
    const { store, admin } = await rigOn(open)
    await store.keys.insert({ ...key, id: 'a', quota: { remaining: 1, refill: null, refillAtMs: null } })
    await admin('HSET', 'latchkey:{keys}:quotas', '"abcdefabcdef"', 'some')
    await expect(store.keys.find('a')).rejects.toEqual(fault('corrupt'))
    await expect(store.keys.spend('abcdefabcdef', 1)).rejects.toEqual(fault('corrupt'))
    await admin('HDEL', 'latchkey:{keys}:quotas', '"abcdefabcdef"')
    expect(await store.keys.find('a')).toMatchObject({ ownerId: 'alice', quota: null })
    await admin('HSET', 'latchkey:{keys}:key:a', 'scopes', '["a:b')
    await expect(store.keys.find('a')).rejects.toEqual(fault('corrupt'))
    await admin('HDEL', 'latchkey:{keys}:key:a', 'scopes')
    await expect(store.keys.find('a')).rejects.toEqual(fault('corrupt'))
    await admin('HDEL', 'latchkey:{keys}:key:a', 'ownerId')
    await expect(store.keys.rotate('a', { ...key, id: 'b' }, null)).rejects.toEqual(fault('corrupt'))
    expect(await admin('EXISTS', 'latchkey:{keys}:key:b')).toBe(0)
  })

  test('a one-time token that cannot be read is corrupt and gives no subject, and another’s key is not overwritten', async () => {
    const { store, admin } = await rigOn(open)
    await admin('SET', 'latchkey:{tokens}:token:a', '{"subject": "al')
    await expect(store.tokens.consume('a')).rejects.toEqual(fault('corrupt'))
    await admin('HSET', 'latchkey:{tokens}:token:b', 'their', 'field')
    await expect(store.tokens.consume('b')).rejects.toEqual(fault('corrupt'))
    await admin('SET', 'latchkey:{tokens}:subject:"alice"', 'theirs')
    await expect(store.tokens.insert(token, 60, false)).rejects.toEqual(fault('corrupt'))
    await expect(store.tokens.revokeAll('alice')).rejects.toEqual(fault('corrupt'))
    expect(await admin('EXISTS', 'latchkey:{tokens}:token:a')).toBe(0)
    expect(await admin('GET', 'latchkey:{tokens}:subject:"alice"')).toBe('theirs')
  })

  test('an error holds neither what was asked nor what was to be stored', async () => {
    const { store, admin, server } = await rigOn(open, [], { operationTimeoutSeconds: 1 })
    await store.idempotency.claim(request('canary-id', { token: 'canary-token' }))
    await admin('CONFIG', 'SET', 'maxmemory', '1')
    const settle = async () => store.idempotency.settle('canary-id', 'canary-token', reply, 600)
    const refused = await settle().catch((error: unknown) => error)
    await server.kill()
    const lost = await settle().catch((error: unknown) => error)
    for (const error of [refused, lost]) {
      expect(error).toBeInstanceOf(StoreError)
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('canary')
    }
  })

  test('beyond as many operations as may wait the store is unavailable at once, and then well again', async () => {
    const { store, admin } = await rigOn(open, [], { maxPendingOperations: 2 })
    await store.idempotency.claim(request('warm'))
    await admin('CLIENT', 'PAUSE', '60000', 'WRITE')
    const waiting = ['a', 'b'].map((id) => store.idempotency.claim(request(id)))
    await expect(store.idempotency.claim(request('c'))).rejects.toEqual(fault('unavailable'))
    await admin('CLIENT', 'UNPAUSE')
    expect((await Promise.all(waiting)).map(({ outcome }) => outcome)).toEqual(['claimed', 'claimed'])
    expect(await store.idempotency.claim(request('c'))).toMatchObject({ outcome: 'claimed' })
  })

  test('a closed store is unavailable, and the client goes on', async () => {
    const { store, call } = await rigOn(open)
    await store.close()
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable'))
    expect(await call('PING')).toBe('PONG')
  })

  test('a policy that evicts is warned of, by check and once by itself', async () => {
    const events: RedisStoreEvent[] = []
    const observe = (event: RedisStoreEvent) => events.push(event)
    const warning = { type: 'redis.evicting_policy', policy: 'allkeys-lru' }
    const { store, client, admin } = await rigOn(open, ['--maxmemory-policy', 'allkeys-lru'])
    expect(await store.check()).toEqual([warning])
    const watched = redisStore({ client, observe })
    for (const id of ['a', 'b']) await watched.idempotency.claim(request(id))
    await expect.poll(() => events).toEqual([warning])
    await admin('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    expect(await watched.check()).toEqual([])
    expect(events).toEqual([warning])
  })

  test('a server that is not there is an error of the check, and an event', async () => {
    const events: RedisStoreEvent[] = []
    const { client, server } = await rigOn(open)
    await server.kill()
    const store = redisStore({ client, operationTimeoutSeconds: 1, observe: (event) => events.push(event) })
    await expect(store.idempotency.claim(request('a'))).rejects.toThrow(StoreError)
    await expect.poll(() => events).toEqual([{ type: 'redis.check_failed', error: expect.any(StoreError) }])
    await expect(store.check()).rejects.toThrow(StoreError)
    await server.restart()
    expect(await untilItAnswers(() => store.check())).toEqual([])
  })

  test('several services share a server under prefixes of their own', async () => {
    const { client, server } = await rigOn(open)
    const other = await connect(open, server.url)
    const [one, two] = [
      redisStore({ client, keyPrefix: 'one*[' }),
      redisStore({ client: other.client, keyPrefix: 'one' }),
    ]
    for (const store of [one, two]) {
      expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
    }
    expect((await one.idempotency.list({ limit: 10 })).map(({ id }) => id)).toEqual(['a'])
    expect((await two.idempotency.list({ limit: 10 })).map(({ id }) => id)).toEqual(['a'])
  })
})
