import { afterEach, describe, expect, test } from 'vitest'
import { hosts } from './hosts.js'
import { Rig, stores } from './rig.js'

const settings = Object.keys(hosts).flatMap((host) => Object.keys(stores).map((store) => [host, store] as const))

let rig: Rig
let closeStore: () => Promise<void>
afterEach(async () => {
  await rig.close()
  await closeStore()
})

describe.each(settings)('the management API on %s with %s', (host, kind) => {
  function start(): Rig {
    const { store, close } = stores[kind]!()
    closeStore = close
    rig = new Rig(hosts[host]!, store)
    return rig
  }

  test('issues a key, which is shown this once and works', async () => {
    const { send, keys } = bound(start())
    const body = { ownerId: 'acme', environment: 'test', scopes: ['payments:write'], name: 'CI', metadata: { team: 7 } }
    const issued = await send('POST', '', { as: 'root', body })
    expect(issued.status).toBe(201)
    const { key, ...shown } = issued.json
    expect(issued.headers).toMatchObject({ location: `/api-keys/${shown.id}`, 'cache-control': 'no-store' })
    expect(shown).toMatchObject(body)
    expect(await keys.verify(key, { scopes: ['payments:write'] })).toMatchObject({ isValid: true })
    const read = await send('GET', `/${shown.id}`, { as: 'root' })
    expect([read.status, read.headers['cache-control'], read.json.display]).toEqual([200, 'no-store', shown.display])
    for (const { text } of [read, await send('GET', '', { as: 'root' })]) {
      expect(text).toContain(shown.id)
      expect(text).not.toMatch(/digest|pepper|algorithm|lookup|meter/)
      expect(text).not.toContain(key.slice(-49))
    }
  })

  test('gives a new key what its sender’s authority says where the request does not choose', async () => {
    const { send } = bound(start())
    const issued = await send('POST', '', { as: 'acme', body: { scopes: ['payments:read'] } })
    expect(issued.json).toMatchObject({
      ownerId: 'acme',
      environment: 'live',
      rateLimit: { limit: 10, windowSeconds: 60 },
    })
    const tested = await send('POST', '', { as: 'tester', body: {} })
    expect(tested.json).toMatchObject({ ownerId: 'acme', environment: 'test', scopes: [], rateLimit: null })
  })

  test('lists keys page by page, and finds them by owner, environment and name', async () => {
    const { send, given } = bound(start())
    const ids = [await given({ name: 'one' }), await given({ name: 'two' }), await given({ name: 'three' })].sort()
    await given({ ownerId: 'globex', environment: 'test' })
    const first = await send('GET', '?limit=2&ownerId=acme', { as: 'root' })
    const second = await send('GET', `?limit=2&ownerId=acme&cursor=${first.json.next}`, { as: 'root' })
    const last = await send('GET', `?limit=2&ownerId=acme&cursor=${second.json.next}`, { as: 'root' })
    expect([first, second].flatMap(({ json }) => json.keys.map(({ id }: { id: string }) => id))).toEqual(ids)
    expect(last.json).toEqual({ keys: [], next: null })
    expect((await send('GET', '?environment=test', { as: 'root' })).json.keys).toHaveLength(1)
    expect((await send('GET', '?nameContains=wo', { as: 'root' })).json.keys).toMatchObject([{ name: 'two' }])
  })

  test('changes, suspends, lets go on, revokes and deletes a key', async () => {
    const { send, given, keys } = bound(start())
    const id = await given()
    const expiresAtMs = Date.now() + 3_600_000
    const changed = await send('PATCH', `/${id}`, {
      as: 'root',
      body: { name: 'new', quota: { remaining: 3 }, expiresAtMs },
    })
    expect(changed.json).toMatchObject({ name: 'new', quota: { remaining: 3, refill: null }, expiresAtMs })
    expect((await send('PATCH', `/${id}`, { as: 'root', body: { expiresAtMs: null } })).json.expiresAtMs).toBe(null)
    expect((await send('POST', `/${id}/disable`, { as: 'root' })).json.disabledAtMs).toBeGreaterThan(0)
    expect((await send('POST', `/${id}/enable`, { as: 'root', body: {} })).json.disabledAtMs).toBe(null)
    const revoked = await send('POST', `/${id}/revoke`, { as: 'root', body: { reason: 'left' } })
    expect(revoked.json).toMatchObject({ revocationReason: 'left' })
    const removed = await send('DELETE', `/${id}`, { as: 'root' })
    expect([removed.status, removed.text, removed.headers['cache-control']]).toEqual([204, '', 'no-store'])
    expect(await keys.get(id)).toBe(undefined)
    expect((await send('DELETE', `/${id}`, { as: 'root' })).status).toBe(404)
  })

  test('of rotations of one key at once lets one succeed', async () => {
    const { send, given, keys } = bound(start())
    const id = await given()
    const rotations = await Promise.all(
      Array.from({ length: 6 }, () => send('POST', `/${id}/rotate`, { as: 'acme', body: { graceSeconds: 60 } })),
    )
    const won = rotations.filter(({ status }) => status === 201)
    expect(won).toHaveLength(1)
    expect(won[0]!.json).toMatchObject({ rotatedFrom: id, scopes: ['payments:read'] })
    expect(won[0]!.headers.location).toBe(`/api-keys/${won[0]!.json.id}`)
    expect(await keys.verify(won[0]!.json.key)).toMatchObject({ isValid: true })
    for (const { status, json } of rotations.filter((rotation) => rotation !== won[0])) {
      expect([status, json.code, json.fault]).toEqual([409, 'management-conflict', 'rotated'])
    }
  })

  test('says in 409 what a key or its owner already is', async () => {
    const { send, given, keys } = bound(start())
    const id = await given()
    await keys.revoke(id)
    const rotated = await send('POST', `/${id}/rotate`, { as: 'root' })
    expect([rotated.status, rotated.json.fault]).toEqual([409, 'revoked'])
    for (let made = 0; made < 5; made++) await given()
    const sixth = await send('POST', '', { as: 'acme', body: {} })
    expect([sixth.status, sixth.json.fault]).toEqual([409, 'too-many-keys'])
  })

  test('revokes all keys of an owner, and tells which', async () => {
    const { send, given, keys } = bound(start())
    const ids = [await given(), await given({ environment: 'test' })].sort()
    const other = await given({ ownerId: 'globex' })
    const revoked = await send('POST', '/revoke-all', { as: 'acme', body: { ownerId: 'acme', reason: 'incident' } })
    expect([...revoked.json.revoked].sort()).toEqual(ids)
    expect(await keys.get(other)).toMatchObject({ revokedAtMs: null })
  })

  test('answers HEAD as GET without a body, refuses other methods, and grants no preflight', async () => {
    const { send, given } = bound(start())
    const id = await given()
    const got = await send('GET', `/${id}`, { as: 'root' })
    const head = await send('HEAD', `/${id}`, { as: 'root' })
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', got.headers['content-length']])
    const put = await send('PUT', `/${id}`, { as: 'root' })
    expect([put.status, put.headers.allow]).toEqual([405, 'GET, HEAD, PATCH, DELETE'])
    const headers = { origin: 'https://other.example', 'access-control-request-method': 'POST' }
    const preflight = await send('OPTIONS', '', { as: 'root', headers })
    expect([preflight.status, preflight.headers.allow]).toEqual([405, 'GET, HEAD, POST'])
    const plain = await send('GET', `/${id}`, { as: 'root', headers })
    for (const reply of [preflight, plain]) {
      expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })

  test('describes itself to those who may use it', async () => {
    const { send } = bound(start())
    expect((await send('GET', '/openapi.json', { as: 'reader' })).json).toMatchObject({ openapi: '3.1.1' })
    expect((await send('GET', '/openapi.json')).status).toBe(403)
  })

  test('tells an observer who has done what', async () => {
    const { send, given, events } = bound(start())
    const id = await given()
    await send('POST', `/${id}/revoke`, { as: 'acme' })
    await send('GET', `/${id}`)
    expect(events).toEqual([
      { type: 'management.done', actor: 'admin of acme', action: 'revoke', keyId: id, ownerId: 'acme' },
      { type: 'management.refused', code: 'management-forbidden', action: 'read' },
    ])
  })
})

/** Its parts, to be used by name. */
function bound(of: Rig) {
  return { send: of.send.bind(of), given: of.given.bind(of), keys: of.keys, events: of.events }
}
