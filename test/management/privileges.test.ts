import { afterEach, describe, expect, test } from 'vitest'
import { behind, hosts } from './hosts.js'
import { Rig, sessions, stores } from './rig.js'

let rig: Rig
afterEach(() => rig.close())

describe.each(Object.keys(hosts))('whoever asks the management API on %s', (host) => {
  function start(options: ConstructorParameters<typeof Rig>[2] = {}) {
    rig = new Rig(hosts[host]!, stores.memory!().store, options)
    return rig
  }

  test('without a session gets 403 for everything, whatever is there', async () => {
    const api = start()
    const id = await api.given()
    const asked = [
      await api.send('GET', ''),
      await api.send('POST', '', { body: { ownerId: 'acme' } }),
      await api.send('GET', `/${id}`),
      await api.send('PATCH', `/${id}`, { body: { name: 'mine' } }),
      await api.send('POST', `/${id}/rotate`),
      await api.send('DELETE', `/${id}`),
      await api.send('DELETE', '/000000000000'),
      await api.send('POST', '/revoke-all', { body: { ownerId: 'acme' } }),
    ]
    expect(new Set(asked.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(asked[0]!.json).toMatchObject({ status: 403, code: 'management-forbidden' })
    expect(await api.keys.list()).toMatchObject([{ id, name: null, revokedAtMs: null, rotatedTo: null }])
  })

  test('does no more than its authority’s actions', async () => {
    const api = start()
    const id = await api.given()
    expect((await api.send('GET', `/${id}`, { as: 'reader' })).status).toBe(200)
    for (const [method, path] of [
      ['POST', ''],
      ['PATCH', `/${id}`],
      ['POST', `/${id}/rotate`],
      ['POST', `/${id}/revoke`],
      ['POST', `/${id}/disable`],
      ['POST', `/${id}/enable`],
      ['DELETE', `/${id}`],
      ['POST', '/revoke-all'],
    ] as const) {
      expect((await api.send(method, path, { as: 'reader', body: {} })).status, `${method} ${path}`).toBe(403)
    }
    expect(await api.keys.list()).toMatchObject([{ id, revokedAtMs: null, disabledAtMs: null }])
  })

  test('cannot tell another owner’s key from none', async () => {
    const api = start()
    const theirs = await api.given({ ownerId: 'globex' })
    const answers = async (id: string) => [
      await api.send('GET', `/${id}`, { as: 'acme' }),
      await api.send('PATCH', `/${id}`, { as: 'acme', body: { name: 'mine' } }),
      await api.send('POST', `/${id}/rotate`, { as: 'acme' }),
      await api.send('POST', `/${id}/revoke`, { as: 'acme' }),
      await api.send('POST', `/${id}/disable`, { as: 'acme' }),
      await api.send('POST', `/${id}/enable`, { as: 'acme' }),
      await api.send('DELETE', `/${id}`, { as: 'acme' }),
    ]
    const [known, unknown] = [await answers(theirs), await answers('000000000000')]
    expect(known.map(({ status }) => status)).toEqual(Array(7).fill(404))
    expect(known.map(({ text }) => text)).toEqual(unknown.map(({ text }) => text))
    expect(await api.keys.get(theirs)).toMatchObject({
      name: null,
      revokedAtMs: null,
      disabledAtMs: null,
      rotatedTo: null,
    })
    expect((await api.send('GET', '', { as: 'acme' })).json).toEqual({ keys: [], next: null })
  })

  test('chooses no other owner, wherever it names one', async () => {
    const api = start()
    await api.given({ ownerId: 'globex' })
    const forged = { 'x-owner-id': 'globex', ownerid: 'globex' }
    expect((await api.send('POST', '', { as: 'acme', body: { ownerId: 'globex' } })).status).toBe(403)
    expect((await api.send('POST', '?ownerId=globex', { as: 'acme', body: {} })).status).toBe(400)
    expect((await api.send('GET', '?ownerId=globex', { as: 'acme' })).status).toBe(403)
    expect((await api.send('POST', '/revoke-all', { as: 'acme', body: { ownerId: 'globex' } })).status).toBe(403)
    const issued = await api.send('POST', '', { as: 'acme', body: {}, headers: forged })
    expect(issued.json.ownerId).toBe('acme')
    const moved = await api.send('PATCH', `/${issued.json.id}`, { as: 'acme', body: { ownerId: 'globex' } })
    expect([moved.status, moved.json.member]).toEqual([400, 'ownerId'])
    expect(await api.keys.list({ ownerId: 'globex' })).toMatchObject([{ revokedAtMs: null }])
  })

  test('gives no scope beyond its own, and nothing to a key that has one', async () => {
    const api = start()
    for (const scope of ['*', 'users:*', '*:read', 'payments:*:*', 'users:write']) {
      const issued = await api.send('POST', '', { as: 'acme', body: { scopes: ['payments:read', scope] } })
      expect([issued.status, issued.json.code], scope).toEqual([403, 'management-forbidden'])
    }
    const strong = await api.given({ scopes: ['users:write'] })
    const weak = await api.given()
    expect((await api.send('PATCH', `/${weak}`, { as: 'acme', body: { scopes: ['*'] } })).status).toBe(403)
    expect((await api.send('PATCH', `/${strong}`, { as: 'acme', body: { expiresAtMs: null } })).status).toBe(403)
    expect((await api.send('POST', `/${strong}/rotate`, { as: 'acme' })).status).toBe(403)
    expect((await api.send('POST', `/${strong}/enable`, { as: 'acme' })).status).toBe(403)
    expect((await api.send('POST', `/${strong}/revoke`, { as: 'acme' })).status).toBe(200)
    const allowed = await api.send('POST', '', { as: 'acme', body: { scopes: ['payments:*', 'users:read'] } })
    expect(allowed.json.scopes).toEqual(['payments:*', 'users:read'])
    expect((await api.keys.get(weak))?.scopes).toEqual(['payments:read'])
  })

  test('chooses no limit, address or metadata without leave to', async () => {
    const api = start()
    const id = await api.given({ rateLimit: { limit: 1, windowSeconds: 1 } })
    for (const [member, value] of Object.entries({
      rateLimit: null,
      quota: { remaining: 1_000_000 },
      metadata: { isAdmin: true },
      allowedIps: ['0.0.0.0/0'],
    })) {
      const issued = await api.send('POST', '', { as: 'acme', body: { [member]: value } })
      expect([issued.status, issued.json.member], member).toEqual([403, member])
      const changed = await api.send('PATCH', `/${id}`, { as: 'acme', body: { [member]: value } })
      expect([changed.status, changed.json.member], member).toEqual([403, member])
    }
    expect(await api.keys.list()).toMatchObject([{ id, rateLimit: { limit: 1, windowSeconds: 1 } }])
  })

  test('chooses no end of a key without leave to, not even when it rotates one', async () => {
    const api = start()
    const id = await api.given()
    const body = { expiresAtMs: null }
    for (const [method, path] of [
      ['POST', ''],
      ['PATCH', `/${id}`],
      ['POST', `/${id}/rotate`],
    ] as const) {
      expect((await api.send(method, path, { as: 'bounded', body })).status, `${method} ${path}`).toBe(403)
    }
    expect((await api.send('PATCH', `/${id}`, { as: 'bounded', body: { name: 'kept' } })).status).toBe(200)
    expect((await api.send('POST', `/${id}/rotate`, { as: 'bounded' })).status).toBe(201)
  })

  test('reaches no other environment', async () => {
    const api = start()
    const live = await api.given({ environment: 'live' })
    const tested = await api.given({ environment: 'test' })
    expect((await api.send('GET', `/${live}`, { as: 'tester' })).status).toBe(404)
    expect((await api.send('POST', `/${live}/revoke`, { as: 'tester' })).status).toBe(404)
    expect((await api.send('POST', '', { as: 'tester', body: { environment: 'live' } })).status).toBe(403)
    expect((await api.send('POST', '', { as: 'tester', body: { environment: null } })).status).toBe(400)
    expect((await api.send('GET', '?environment=live', { as: 'tester' })).status).toBe(403)
    expect((await api.send('POST', '/revoke-all', { as: 'tester', body: { ownerId: 'acme' } })).status).toBe(403)
    const listed = (await api.send('GET', '', { as: 'tester' })).json.keys.map(({ id }: { id: string }) => id)
    expect([listed.includes(tested), listed.includes(live)]).toEqual([true, false])
  })

  test('of several owners names the one whose keys it lists', async () => {
    const api = start()
    await api.given({ ownerId: 'globex' })
    await api.given({ ownerId: 'initech' })
    expect((await api.send('GET', '', { as: 'reader' })).json).toMatchObject({ status: 400, member: 'ownerId' })
    expect((await api.send('GET', '?ownerId=globex', { as: 'reader' })).json.keys).toHaveLength(1)
    expect((await api.send('GET', '?ownerId=initech', { as: 'reader' })).status).toBe(403)
  })

  test('pollutes no prototype, and inherits from none', async () => {
    const api = start()
    for (const text of [
      '{"__proto__":{"ownerId":"globex"},"name":"a"}',
      '{"constructor":{"prototype":{"ownerId":"globex"}}}',
      '{"quota":{"remaining":1,"__proto__":{"refill":null}}}',
    ]) {
      expect((await api.send('POST', '', { as: 'root', body: text })).status, text).toBe(400)
    }
    const kept = await api.send('POST', '', { as: 'root', body: '{"ownerId":"acme","metadata":{"__proto__":{"x":1}}}' })
    expect(kept.status).toBe(201)
    expect(({} as { x?: number; ownerId?: string }).x).toBe(undefined)
    const twice = await api.send('POST', '', { as: 'acme', body: '{"ownerId":"acme","ownerId":"globex"}' })
    expect(twice.status).toBe(403)
  })

  test('finds nothing behind another spelling of a path', async () => {
    const api = start({ authorize: () => sessions.root })
    const id = await api.given()
    for (const path of ['/api-keysx', '//api-keys', '/API-KEYS', '/api%2dkeys', '/api-keys;a=b', '/', '/x/api-keys']) {
      const passed = await api.raw('GET', path)
      expect([passed.status, passed.text], path).toEqual([200, behind])
    }
    for (const path of [
      '/',
      `//${id}`,
      `/${id}/`,
      `/%2e/${id}`,
      `/{id}`,
      `/${id}%00`,
      `/${id}/rotate/`,
      '/openapi%2ejson',
    ]) {
      const missed = await api.raw('GET', `/api-keys${path}`)
      // A fetch host has put dots in order before anybody sees them.
      const isNormalised = path.startsWith('/%2e') && /Hono|fetch/.test(host)
      expect(missed.status, path).toBe(isNormalised ? 200 : 404)
    }
    expect((await api.raw('DELETE', `/x/%2e%2e/api-keys/${id}`)).status).toBe(/Hono|fetch/.test(host) ? 204 : 200)
    expect((await api.keys.get(id)) === undefined).toBe(/Hono|fetch/.test(host))
  })
})
