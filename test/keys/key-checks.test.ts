import { once } from 'node:events'
import type { Server } from 'node:http'
import { type ApiKeyOptions, type ApiKeys, apiKeys, memoryStore, type NewApiKey } from '@latchkey/core'
import { ipAddresses } from '@latchkey/ip'
import { afterEach, describe, expect, test } from 'vitest'
import { hosts, listening } from './key-hosts.js'

let server: Server | undefined
afterEach(async () => {
  server?.close()
  if (server?.listening) await once(server, 'close')
})

/** Keys that nobody was given, each another one. */
const strangers = apiKeys({ store: memoryStore(), prefix: 'acme' })
const strangersKey = async () => (await strangers.issue({ ownerId: 'nobody' })).key

interface Started {
  readonly keys: ApiKeys
  readonly runs: () => number
  get(key: string, headers?: Record<string, string>): Promise<Response>
  postOnce(key: string, idempotencyKey: string): Promise<Response>
  issue(key?: Partial<NewApiKey>): Promise<string>
}

describe.each(Object.keys(hosts) as (keyof typeof hosts)[])('a key on %s', (host) => {
  async function start(options: Partial<ApiKeyOptions> = {}, isBehindProxy = false): Promise<Started> {
    const store = memoryStore()
    const keys = apiKeys({ store, prefix: 'acme', addresses: ipAddresses() })
    let runs = 0
    const once = { store, scope: 'caller' } as const
    server = hosts[host]({ options: { keys, ...options }, once, isBehindProxy, handled: () => void runs++ })
    const url = await listening(server)
    return {
      keys,
      runs: () => runs,
      get: (key, headers = {}) => fetch(url, { headers: { authorization: `Bearer ${key}`, ...headers } }),
      postOnce: (key, idempotencyKey) => {
        const headers = { authorization: `Bearer ${key}`, 'idempotency-key': idempotencyKey }
        return fetch(`${url}/once`, { method: 'POST', headers, body: '{}' })
      },
      issue: async (key = {}) => (await keys.issue({ ownerId: 'org_1', ...key })).key,
    }
  }

  test('with limits hands their numbers to the client on every reply, and refuses beyond them', async () => {
    const { get, issue, runs } = await start()
    const key = await issue({ rateLimit: { limit: 2, windowSeconds: 3600 }, quota: { remaining: 9 } })
    const fields = ({ headers }: Response) =>
      ['ratelimit', 'ratelimit-policy', 'retry-after'].map((name) => headers.get(name))
    const passed = await get(key)
    expect(passed.status).toBe(200)
    expect(fields(passed)).toEqual(['"rate";r=1;t=3600, "quota";r=8', '"rate";q=2;w=3600', null])
    await get(key)
    const refused = await get(key)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    const [state, policy, wait] = fields(refused)
    expect([state?.replace(/t=\d+/, 't'), policy]).toEqual(['"rate";r=0;t', '"rate";q=2;w=3600'])
    expect(Number(wait)).toBeGreaterThanOrEqual(Number(/t=(\d+)/.exec(state ?? '')?.[1]))
    expect(await refused.json()).toMatchObject({ code: 'api-key-rate-limited', retryable: true })
    expect(runs()).toBe(2)
  })

  test('with limits is told with a replay what is left now, and the replay spends like any request', async () => {
    const { postOnce, issue, runs } = await start()
    const key = await issue({ quota: { remaining: 2 } })
    const answers = [await postOnce(key, 'k1'), await postOnce(key, 'k1'), await postOnce(key, 'k1')]
    expect(answers.map(({ status, headers }) => [status, headers.get('ratelimit')])).toEqual([
      [200, '"quota";r=1'],
      [200, '"quota";r=0'],
      [429, '"quota";r=0'],
    ])
    expect(answers[1]?.headers.get('idempotent-replayed')).toBe('true')
    expect(runs()).toBe(1)
  })

  test('whose quota is left to N requests at once lets exactly so many through', async () => {
    const { get, issue, runs } = await start()
    const key = await issue({ quota: { remaining: 4 } })
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(key)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(4)
    expect(statuses.filter((status) => status === 429)).toHaveLength(16)
    expect(answers.some(({ headers }) => headers.has('retry-after'))).toBe(false)
    expect(runs()).toBe(4)
  })

  test('that is bound to addresses is judged by the socket, and by a proxy only where it is trusted', async () => {
    const forged = { 'x-forwarded-for': '203.0.113.9' }
    const alone = await start()
    const here = await alone.issue({ allowedIps: ['127.0.0.0/8'] })
    const there = await alone.issue({ allowedIps: ['203.0.113.0/24'] })
    expect((await alone.get(here, forged)).status).toBe(200)
    const refused = await alone.get(there, forged)
    expect(refused.status).toBe(403)
    const text = await refused.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'api-key-ip-not-allowed' })
    expect(text).not.toMatch(/127\.0|203\.0/)
    server?.close()
    const behind = await start({}, true)
    const client = await behind.issue({ allowedIps: ['203.0.113.0/24', '2001:db8::/32'] })
    expect((await behind.get(client, forged)).status).toBe(200)
    expect((await behind.get(client, { 'x-forwarded-for': '2001:db8::7' })).status).toBe(200)
    expect((await behind.get(client, { 'x-forwarded-for': '203.0.113.9, 198.51.100.1' })).status).toBe(403)
  })

  test('over plain HTTP is refused where HTTPS is required, and by a proxy’s word let in only where it is trusted', async () => {
    const forged = { 'x-forwarded-proto': 'https' }
    const alone = await start({ requireHttps: true })
    const key = await alone.issue()
    for (const headers of [{}, forged]) {
      const refused = await alone.get(key, headers as Record<string, string>)
      expect([refused.status, refused.headers.get('location')]).toEqual([403, null])
      expect(await refused.json()).toMatchObject({ code: 'https-required' })
    }
    expect(alone.runs()).toBe(0)
    server?.close()
    const behind = await start({ requireHttps: true }, true)
    const other = await behind.issue()
    expect((await behind.get(other, forged)).status).toBe(200)
    expect((await behind.get(other)).status).toBe(403)
  })

  test('that is in use passes where strangers behind its address are held off', async () => {
    const { get, issue, runs } = await start({ failureThrottle: { limit: 3, windowSeconds: 3600 } }, true)
    const key = await issue()
    const fromThere = { 'x-forwarded-for': '2001:db8:1:2::7' }
    expect((await get(key, fromThere)).status).toBe(200)
    for (let failure = 0; failure < 3; failure++) expect((await get(await strangersKey(), fromThere)).status).toBe(401)
    const refused = await get(await strangersKey(), { 'x-forwarded-for': '2001:db8:1:2:ffff::1' })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ code: 'too-many-failed-attempts' })
    expect((await get(key, fromThere)).status).toBe(200)
    expect((await get(await strangersKey(), { 'x-forwarded-for': '2001:db8:1:3::7' })).status).toBe(401)
    expect(runs()).toBe(2)
  })
})
