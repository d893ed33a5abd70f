import { redisStore } from '@latchkey/stores/redis'
import { describe, expect, it, test } from 'vitest'
import { clients } from './redis-clients.js'
import { fault, key, type Rig, request, rigOn, untilItAnswers } from './redis-rig.js'
import { noRedisServer } from './redis-server.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`crashes of Redis (skipped: ${reason})`)

const reply = Buffer.from('reply')
const always = ['--appendonly', 'yes', '--appendfsync', 'always']
const everySecond = ['--appendonly', 'yes', '--appendfsync', 'everysec']

/** What the store has acknowledged, and when. */
interface Load {
  readonly settled: Map<string, number>
  readonly revoked: Set<string>
  /** Ends with the server. */
  readonly ended: Promise<unknown>
}

/** Claims and settles records, and makes and revokes keys, eight at a time, until the store fails. */
function load({ store }: Rig): Load {
  const settled = new Map<string, number>()
  const revoked = new Set<string>()
  const work = async (worker: number) => {
    for (let index = 0; ; index++) {
      const id = `${worker}-${index}`
      await store.idempotency.claim(request(id))
      if ((await store.idempotency.settle(id, `token ${id}`, reply, 600)) === 'ok') settled.set(id, performance.now())
      if (index % 5 !== 0) continue
      await store.keys.insert({ ...key, id })
      if (await store.keys.revoke(id, 1, null)) revoked.add(id)
    }
  }
  return { settled, revoked, ended: Promise.allSettled(Array.from({ length: 8 }, (_, worker) => work(worker))) }
}

describe.skipIf(reason !== undefined).each(clients)('by %s', (_, open) => {
  test('with appendfsync always no settled record and no revocation is lost when the server is killed under load', async () => {
    const rig = await rigOn(open, always, { operationTimeoutSeconds: 1 })
    const { settled, revoked, ended } = load(rig)
    await expect.poll(() => settled.size, { timeout: 15_000 }).toBeGreaterThan(500)
    await rig.server.kill()
    await ended
    await rig.server.restart()
    const { idempotency, keys } = rig.store
    await untilItAnswers(async () => idempotency.find('0-0'))
    for (const id of settled.keys()) {
      expect(await idempotency.claim(request(id, { token: 'other' }))).toEqual({
        outcome: 'settled',
        reply: new Uint8Array(reply),
      })
    }
    for (const id of revoked) expect((await keys.find(id))?.revokedAtMs).toBe(1)
  })

  test('with appendfsync everysec what was settled two seconds before the server is killed is still there', async () => {
    const rig = await rigOn(open, everySecond, { operationTimeoutSeconds: 1 })
    const { settled, ended } = load(rig)
    const before = (ms: number) => [...settled].filter(([, atMs]) => atMs < ms)
    await expect.poll(() => before(performance.now() - 2000).length, { timeout: 15_000 }).toBeGreaterThan(100)
    await rig.server.kill()
    const killedAtMs = performance.now()
    await ended
    await rig.server.restart()
    await untilItAnswers(async () => rig.store.idempotency.find('0-0'))
    for (const [id] of before(killedAtMs - 2000)) expect((await rig.store.idempotency.find(id))?.state).toBe('settled')
  })

  test('a server that keeps nothing comes back empty: settling is stale, and the request is claimed anew', async () => {
    const { store, server, admin } = await rigOn(open)
    await store.idempotency.claim(request('running'))
    await store.idempotency.claim(request('settled'))
    await store.idempotency.settle('settled', 'token settled', reply, 600)
    await Promise.allSettled([admin('SHUTDOWN', 'NOSAVE')])
    await server.restart()
    const settle = async () => store.idempotency.settle('running', 'token running', reply, 600)
    expect(await untilItAnswers(settle)).toBe('stale')
    for (const id of ['running', 'settled']) {
      expect(await store.idempotency.claim(request(id, { token: 'other' }))).toEqual({ outcome: 'claimed', attempt: 1 })
    }
  })

  test('a server that is loading its data is unavailable, and then has all of it', async () => {
    const { store, server, admin, client } = await rigOn(open, always)
    await store.idempotency.claim(request('a'))
    await store.idempotency.settle('a', 'token a', reply, 600)
    await admin('EVAL', "for i = 1, 10000 do redis.call('SET', 'filler ' .. i, i) end", '0')
    await admin('BGREWRITEAOF')
    await expect.poll(async () => String(await admin('INFO', 'persistence'))).toContain('aof_rewrite_in_progress:0')
    await server.beginRestart('--key-load-delay', '100', '--loading-process-events-interval-bytes', '1024')
    const hasty = redisStore({ client, operationTimeoutSeconds: 0.5 })
    const retry = request('a', { token: 'other' })
    await expect(hasty.idempotency.claim(retry)).rejects.toEqual(fault(expect.stringMatching(/unavailable|timeout/)))
    const loading = await untilItAnswers(async () => hasty.idempotency.claim(retry))
    expect(loading).toEqual({ outcome: 'settled', reply: new Uint8Array(reply) })
  })
})
