import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { apiKey, apiKeys, ConfigurationError, type Guard, memoryStore, sequence } from '@latchkey/core'
import { apiKeyAuthority, keyManagement, managementDescription, whoami } from '@latchkey/management'
import { afterEach, describe, expect, test } from 'vitest'
import { Described } from './described.js'
import { exchange, type Sent } from './exchange.js'
import { behind, hosts, routedHosts } from './hosts.js'
import { Rig } from './rig.js'

let close: () => Promise<void> | void = () => {}
afterEach(() => close())

test.each(Object.keys(routedHosts))('below %s the base path is the one that clients address', async (host) => {
  const rig = new Rig(routedHosts[host]!, memoryStore(), { basePath: '/admin/api-keys' })
  close = () => rig.close()
  const issued = await rig.send('POST', '', { as: 'root', body: { ownerId: 'acme' } })
  expect(issued.headers.location).toBe(`/admin/api-keys/${issued.json.id}`)
  expect((await rig.send('POST', `/${issued.json.id}/revoke`, { as: 'root' })).status).toBe(200)
  expect((await rig.raw('GET', '/admin/other')).status).toBe(404)
})

test.each([undefined, null, 'admin', true, {}])('it is not made with %j in place of an authorizer', (authorize) => {
  const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
  const make = () => keyManagement({ keys, authorize: authorize as never })
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(/"authorize" must be a function/)
})

test.each(['', '/', 'api-keys', '/api-keys/', '//api-keys', '/a/../b', '/a%20b', '/a?b', '/{id}', 5])(
  'it is not made below %j',
  (basePath) => {
    const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
    const make = () => keyManagement({ keys, authorize: () => null, basePath: basePath as string })
    expect(make).toThrow(/"basePath" must be a path/)
  },
)

describe.each(Object.keys(hosts))('on %s', (host) => {
  async function serve(guard: Guard<unknown>) {
    const server = hosts[host]!(guard)
    if (!server.listening) await once(server, 'listening')
    close = async () => {
      server.close()
      if (server.listening) await once(server, 'close')
    }
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return (method: string, path: string, sent?: Sent) => exchange(url, method, path, sent)
  }

  const described = new Described(managementDescription({ whoamiPath: '/whoami' }))
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

  test('a key with the scope for it manages the keys of its owner and environment, within its scopes', async () => {
    const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
    const authorize = apiKeyAuthority('keys:admin', { actions: ['read', 'issue', 'rotate', 'revoke'] })
    const send = await serve(sequence({ apiKey: apiKey({ keys }), management: keyManagement({ keys, authorize }) }))
    const scopes = ['keys:admin', 'payments:*']
    const { key, info } = await keys.issue({ ownerId: 'acme', environment: 'test', scopes })
    const headers = { ...bearer(key), 'content-type': 'application/json' }
    const issued = await send('POST', '/api-keys', { headers, body: { scopes: ['payments:read'] } })
    expect(issued.json).toMatchObject({ ownerId: 'acme', environment: 'test', scopes: ['payments:read'] })
    expect((await send('POST', '/api-keys', { headers, body: { scopes: ['users:read'] } })).status).toBe(403)
    expect((await send('DELETE', `/api-keys/${info.id}`, { headers })).status).toBe(403)
    const weak = bearer(issued.json.key)
    expect((await send('GET', '/api-keys', { headers: weak })).json.code).toBe('management-forbidden')
    expect((await send('GET', '/api-keys')).json.code).toBe('api-key-missing')
    expect((await send('GET', '/other', { headers })).text).toBe(behind)
  })

  test('whoami tells the holder of a key what it is, and what is left', async () => {
    const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
    const send = await serve(whoami({ keys }))
    const expiresAt = Date.now() + 3_600_000
    const { key, info } = await keys.issue({
      ...{ ownerId: 'acme', scopes: ['payments:read'], name: 'CI', metadata: { plan: 'internal' }, expiresAt },
      ...{ rateLimit: { limit: 5, windowSeconds: 3600 }, quota: { remaining: 9 } },
    })
    const told = await send('GET', '/whoami', { headers: bearer(key) })
    expect(told.json).toEqual({
      ...{ id: info.id, display: info.display, ownerId: 'acme', environment: 'live', name: 'CI' },
      ...{ scopes: ['payments:read'], rateLimit: { limit: 5, windowSeconds: 3600 }, expiresAtMs: expiresAt },
      quota: { remaining: 8, refill: null, refillAtMs: null },
    })
    expect(told.headers.ratelimit).toBe('"rate";r=4;t=3600, "quota";r=8')
    expect(told.headers['cache-control']).toBe('no-store')
    const head = await send('HEAD', '/whoami', { headers: bearer(key) })
    expect([head.status, head.text]).toEqual([200, ''])
    described.expects('GET', '/whoami', told)
    described.expects('HEAD', '/whoami', head)
  })

  test('whoami refuses as the guard does, and grants no preflight', async () => {
    const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
    const send = await serve(whoami({ keys }))
    const { key, info } = await keys.issue({ ownerId: 'acme' })
    await keys.revoke(info.id)
    const none = await send('GET', '/whoami')
    expect([none.status, none.json.code, none.headers['www-authenticate']]).toEqual([
      401,
      'api-key-missing',
      'Bearer realm="api"',
    ])
    const revoked = await send('GET', '/whoami', { headers: bearer(key) })
    expect(revoked.json.code).toBe('api-key-revoked')
    for (const refused of [none, revoked]) described.expects('GET', '/whoami', refused)
    const headers = { origin: 'https://other.example', 'access-control-request-method': 'GET' }
    const preflight = await send('OPTIONS', '/whoami', { headers })
    expect([preflight.status, preflight.headers.allow]).toEqual([405, 'GET, HEAD'])
  })
})
