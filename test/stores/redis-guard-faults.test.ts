import { describe, expect, it, test } from 'vitest'
import { faultProxy } from '../faults/fault-proxy.js'
import { apiOn } from './redis-api.js'
import { clients, type OpenClientOn } from './redis-clients.js'
import { afterwards, connect, fault, type Rig, rigOn } from './redis-rig.js'
import { noRedisServer } from './redis-server.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`guards over a Redis that fails (skipped: ${reason})`)

async function rigWithApi(open: OpenClientOn, settings: readonly string[] = []) {
  const rig: Rig = await rigOn(open, settings)
  return { ...rig, ...apiOn({ client: rig.client }) }
}

const refused = {
  status: 503,
  body: expect.objectContaining({ code: 'idempotency-store-unavailable', retryable: true }),
}
const replayed = (run: number) => ({ status: 201, body: { run }, isReplay: true })

describe.skipIf(reason !== undefined).each(clients)('by %s', (_, open) => {
  test('a record that is flushed while its handler runs is not brought back, and the retry runs', async () => {
    const { api, pay, admin, events } = await rigWithApi(open)
    api.inHandler = () => admin('FLUSHALL')
    expect(await pay('k')).toMatchObject({ status: 409, body: { code: 'idempotency-lease-lost' } })
    expect(await admin('DBSIZE')).toBe(0)
    expect(events).toEqual(['claimed', 'lease_lost', 'refused'])
    api.inHandler = async () => undefined
    expect(await pay('k')).toEqual({ status: 201, body: { run: 2 } })
    expect(await pay('k')).toEqual(replayed(2))
  })

  test('a reply for which the server has no memory reaches its client, frees no key, and is stored when there is room', async () => {
    const { api, pay, admin, events } = await rigWithApi(open, ['--maxmemory-policy', 'noeviction'])
    api.inHandler = () => admin('CONFIG', 'SET', 'maxmemory', '1')
    expect(await pay('k')).toEqual({ status: 201, body: { run: 1 } })
    expect(events).toEqual(['claimed', 'settle_failed'])
    expect(await pay('k')).toMatchObject({ status: 409, body: { code: 'idempotency-in-progress' } })
    expect(await pay('another')).toEqual(refused)
    await admin('CONFIG', 'SET', 'maxmemory', '0')
    await expect.poll(() => events, { timeout: 5000 }).toContain('settled')
    expect(await pay('k')).toEqual(replayed(1))
    expect(api.runs).toBe(1)
  })

  test('a server that is paused costs a request no more than its deadline, and none runs', async () => {
    const { api, pay, admin } = await rigWithApi(open)
    await pay('warm')
    await admin('CLIENT', 'PAUSE', '60000', 'WRITE')
    const startedAtMs = performance.now()
    const took: number[] = []
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`)
    const timed = async (key: string) => {
      const reply = await pay(key)
      took.push(performance.now() - startedAtMs)
      return reply
    }
    expect(await Promise.all(keys.map(timed))).toEqual(keys.map(() => refused))
    expect(Math.max(...took)).toBeLessThan(5000)
    expect(api.runs).toBe(1)
    await admin('CLIENT', 'UNPAUSE')
    const statuses = async () => new Set((await Promise.all(keys.map(pay))).map(({ status }) => status))
    await expect.poll(statuses, { timeout: 5000 }).toEqual(new Set([201]))
    expect(api.runs).toBe(201)
  })

  test('a claim that was given up does not block its key for the rest of its lease', async () => {
    const { server } = await rigOn(open)
    const way = await faultProxy(server.port)
    afterwards(() => way.close())
    const { client } = await connect(open, `redis://127.0.0.1:${way.port}`)
    const { api, pay } = apiOn({ client }, { leaseSeconds: 600 })
    await pay('warm')
    for (const fault of ['half-open', 'black-hole'] as const) {
      await way.inject(fault)
      expect(await pay(fault)).toEqual(refused)
      await way.inject('none')
      await expect.poll(async () => (await pay(fault)).status, { timeout: 5000 }).toBe(201)
    }
    expect(api.runs).toBe(3)
  })

  test('a claim whose reply is lost with its connection runs once', async () => {
    const { server } = await rigOn(open)
    const way = await faultProxy(server.port)
    afterwards(() => way.close())
    const { client } = await connect(open, `redis://127.0.0.1:${way.port}`)
    const { api, pay } = apiOn({ client })
    await pay('warm')
    way.dropReplies()
    expect(await pay('k')).toEqual({ status: 201, body: { run: 2 } })
    expect(way.dropped()).toBe(1)
    expect(await pay('k')).toEqual(replayed(2))
    expect(api.runs).toBe(2)
  })

  test('a service that starts before its server says so, refuses, and works when the server is there', async () => {
    const { client, server } = await rigOn(open)
    await server.kill()
    const { store, pay, api } = apiOn({ client, operationTimeoutSeconds: 1 })
    await expect(store.check()).rejects.toEqual(fault(expect.stringMatching(/unavailable|timeout/)))
    expect(await pay('k')).toEqual(refused)
    expect(api.runs).toBe(0)
    await server.restart()
    await expect.poll(async () => (await pay('k')).status, { timeout: 5000 }).toBe(201)
    expect(api.runs).toBe(1)
  })
})
