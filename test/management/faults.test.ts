import { type KeyStore, memoryStore, StoreError } from '@latchkey/core'
import { afterEach, describe, expect, test } from 'vitest'
import { hosts } from './hosts.js'
import { Rig, sessions } from './rig.js'

let rig: Rig
afterEach(() => rig.close())

/** A store whose methods of these names fail, or answer when the gate is opened. */
function faulty(failing: readonly (keyof KeyStore)[], gate?: Promise<void>) {
  const store = memoryStore()
  const called: string[] = []
  const keys = new Proxy(store.keys, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...parameters: unknown[]) => unknown
      return (...parameters: unknown[]) => {
        called.push(String(name))
        if (!(failing as readonly (string | symbol)[]).includes(name)) return method.apply(target, parameters)
        if (gate === undefined) throw new StoreError('unavailable', 'secret-host refused')
        return gate.then(() => method.apply(target, parameters))
      }
    },
  })
  return { store: { ...store, keys }, called }
}

describe.each(Object.keys(hosts))('the management API on %s', (host) => {
  test('answers 503 where the store is down, tells nothing of why, and tells the observer', async () => {
    rig = new Rig(hosts[host]!, faulty(['find', 'list', 'insert', 'revokeAll']).store)
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['POST', '', { ownerId: 'acme' }],
      ['GET', '/000000000000', undefined],
      ['DELETE', '/000000000000', undefined],
      ['POST', '/000000000000/rotate', {}],
      ['POST', '/revoke-all', { ownerId: 'acme' }],
    ] as const) {
      const failed = await rig.send(method, path, { as: 'root', body })
      expect([failed.status, failed.json.code, failed.headers['retry-after']]).toEqual([
        503,
        'api-key-store-unavailable',
        '1',
      ])
      expect(failed.text).not.toContain('secret-host')
    }
    expect(rig.events.filter(({ type }) => type === 'management.failed')).toHaveLength(6)
  })

  test('does not go on with what it has answered with 503', async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const { store, called } = faulty(['find'], gate)
    rig = new Rig(hosts[host]!, store, { storeTimeoutSeconds: 0.01 })
    const id = await rig.given()
    expect((await rig.send('POST', `/${id}/revoke`, { as: 'root' })).status).toBe(503)
    open()
    await gate
    await new Promise(setImmediate)
    expect(called).not.toContain('revoke')
  })

  test.each([
    ['throws', () => Promise.reject(new Error('session store at secret-host'))],
    ['is too slow', () => new Promise<never>(() => {})],
    ['gives what is no authority', async () => ({ ...sessions.root!, ownerIds: undefined as never })],
    ['gives an authority with a member that nobody knows', async () => ({ ...sessions.root!, owners: [] })],
  ])('does nothing where authorize %s', async (_what, authorize) => {
    const { store, called } = faulty([])
    rig = new Rig(hosts[host]!, store, { authorize, authorizeTimeoutSeconds: 0.01 })
    const failed = await rig.send('POST', '', { body: { ownerId: 'acme' } })
    expect([failed.status, failed.json.code, failed.headers['retry-after']]).toEqual([
      503,
      'management-unavailable',
      '1',
    ])
    expect(failed.text).not.toContain('secret-host')
    expect(called).toEqual([])
  })

  test('refuses a body that is not JSON by its media type, without a body, too', async () => {
    rig = new Rig(hosts[host]!, memoryStore())
    const id = await rig.given()
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      'text/json',
      'application/json, text/plain',
    ]) {
      const refused = await rig.send('POST', '', {
        as: 'root',
        body: '{"ownerId":"acme"}',
        headers: { 'content-type': type },
      })
      expect([refused.status, refused.json.code], type).toEqual([415, 'management-media-type'])
    }
    const simple = await rig.send('POST', `/${id}/revoke`, { as: 'root', headers: { 'content-type': 'text/plain' } })
    expect(simple.status).toBe(415)
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' }
    expect((await rig.send('POST', `/${id}/disable`, { as: 'root', headers })).status).toBe(200)
  })

  test.each([
    ['', undefined],
    ['{', undefined],
    ['[]', undefined],
    ['null', undefined],
    ['"acme"', undefined],
    ['{"ownerId":"acme","surname":"SECRET"}', 'surname'],
    ['{"ownerId":5}', 'ownerId'],
    ['{"ownerId":""}', 'ownerId'],
    ['{"ownerId":"acme","environment":["live"]}', 'environment'],
    ['{"ownerId":"acme","environment":"SECRET"}', 'environment'],
    ['{"ownerId":"acme","scopes":"payments:read"}', 'scopes'],
    ['{"ownerId":"acme","scopes":["SECRET SECRET"]}', 'scopes'],
    ['{"ownerId":"acme","scopes":{"length":0}}', 'scopes'],
    ['{"ownerId":"acme","name":{"SECRET":1}}', 'name'],
    ['{"ownerId":"acme","metadata":[]}', 'metadata'],
    ['{"ownerId":"acme","allowedIps":["SECRET"]}', 'allowedIps'],
    ['{"ownerId":"acme","rateLimit":{"limit":"SECRET","windowSeconds":60}}', 'rateLimit.limit'],
    ['{"ownerId":"acme","rateLimit":{"limit":1,"windowSeconds":60,"burst":9}}', 'rateLimit.burst'],
    ['{"ownerId":"acme","quota":{"remaining":1,"refill":{"amount":1}}}', 'quota.refill.everySeconds'],
    ['{"ownerId":"acme","expiresAtMs":"2030-01-01"}', 'expiresAtMs'],
    ['{"ownerId":"acme","expiresAtMs":1}', 'expiresAtMs'],
    ['{"ownerId":"acme","idleSeconds":1e999}', 'idleSeconds'],
    [`{"ownerId":"acme","metadata":{"deep":${'['.repeat(3000)}${']'.repeat(3000)}}}`, 'metadata'],
    [`{"ownerId":"acme","metadata":{"deep":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`, 'metadata'],
  ])('refuses %.60s, names what does not fit, and tells no value back', async (body, member) => {
    const { store, called } = faulty([])
    rig = new Rig(hosts[host]!, store)
    const refused = await rig.send('POST', '', { as: 'root', body })
    expect([refused.status, refused.json.code, refused.json.member]).toEqual([
      400,
      'management-request-invalid',
      member,
    ])
    expect(refused.text).not.toContain('SECRET')
    expect(called).toEqual([])
  })

  test.each([
    '?limit=0',
    '?limit=1001',
    '?limit=x',
    '?cursor=SECRET',
    '?ownerId=a&ownerId=b',
    '?nameContains=',
    '?owner=SECRET',
  ])('refuses the query %s', async (query) => {
    rig = new Rig(hosts[host]!, memoryStore())
    const refused = await rig.send('GET', query, { as: 'root' })
    expect([refused.status, refused.json.member]).toEqual([400, /\w+/.exec(query)![0]])
    expect(refused.text).not.toContain('SECRET')
  })

  test('refuses what does not fit for a change, a rotation or a revocation, and changes nothing', async () => {
    rig = new Rig(hosts[host]!, memoryStore())
    const id = await rig.given()
    for (const [method, path, body, member] of [
      ['PATCH', `/${id}`, { name: 7 }, 'name'],
      ['PATCH', `/${id}`, { environment: 'test' }, 'environment'],
      ['PATCH', `/${id}`, { scopes: null }, 'scopes'],
      ['POST', `/${id}/rotate`, { graceSeconds: -1 }, 'graceSeconds'],
      ['POST', `/${id}/rotate`, { graceFrom: 'never' }, 'graceFrom'],
      ['POST', `/${id}/rotate`, { scopes: ['*'] }, 'scopes'],
      ['POST', `/${id}/revoke`, { reason: 5 }, 'reason'],
      ['POST', `/${id}/revoke`, { reason: 'two\nlines' }, 'reason'],
      ['POST', `/${id}/disable`, { until: 5 }, 'until'],
      ['POST', '/revoke-all', { ownerId: '' }, 'ownerId'],
      ['POST', '/revoke-all', {}, 'ownerId'],
    ] as const) {
      const refused = await rig.send(method, path, { as: 'root', body })
      expect([refused.status, refused.json.member], `${path} ${JSON.stringify(body)}`).toEqual([400, member])
    }
    const empty = await rig.send('PATCH', `/${id}`, { as: 'root' })
    expect([empty.status, empty.json.code]).toEqual([400, 'management-request-invalid'])
    expect(await rig.keys.list()).toMatchObject([{ id, name: null, revokedAtMs: null, disabledAtMs: null }])
  })

  test('blames no request for defaults that do not fit', async () => {
    const authorize = () => ({ ...sessions.root!, defaults: { quota: { remaining: -1 } } })
    rig = new Rig(hosts[host]!, memoryStore(), { authorize })
    expect((await rig.send('POST', '', { body: { ownerId: 'acme' } })).status).toBe(503)
  })

  test('refuses a body that is too large or not in UTF-8', async () => {
    rig = new Rig(hosts[host]!, memoryStore())
    const large = await rig.send('POST', '', { as: 'root', body: { ownerId: 'acme', name: 'x'.repeat(70_000) } })
    expect([large.status, large.json.code]).toEqual([413, 'request-too-large'])
    expect(await rig.keys.list()).toEqual([])
  })
})
