import {
  type ApiKeyGrant,
  apiKeys,
  github,
  type IdempotencyGrant,
  memoryStore,
  type SignatureGrant,
  sign,
} from '@latchkey/core'
import { Hono } from 'hono'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { hosts } from './hosts.test.kit.js'
import { apiKeyAuth, idempotency, verifySignature } from './index.js'

const secret = 'It is a secret to everybody'

async function payments() {
  const store = memoryStore()
  const keys = apiKeys({ store, prefix: 'acme' })
  const { key } = await keys.issue({ ownerId: 'alice', environment: 'live' })
  let runs = 0
  const app = new Hono()
    .post('/pay', apiKeyAuth({ keys }), idempotency({ store, scope: 'caller' }), async (c) => {
      expectTypeOf(c.var.apiKey).toEqualTypeOf<ApiKeyGrant>()
      expectTypeOf(c.var.idempotency).toEqualTypeOf<IdempotencyGrant>()
      runs++
      c.header('idempotent-replayed', 'forged')
      return c.json({ runs, owner: c.var.apiKey.ownerId, received: await c.req.json() }, 201)
    })
    .get('/maybe', apiKeyAuth({ keys, optional: true }), (c) => {
      expectTypeOf(c.var.apiKey).toEqualTypeOf<ApiKeyGrant | undefined>()
      return c.json(c.var.apiKey?.ownerId ?? null)
    })
    .post('/hooks', verifySignature({ scheme: github({ secrets: [secret] }), store }), async (c) => {
      expectTypeOf(c.var.signature).toEqualTypeOf<SignatureGrant>()
      return c.json([c.var.signature.scheme, await c.req.json()])
    })
  return { app, key, runs: () => runs }
}

const pay = (key: string, idempotencyKey: string, body: string) => ({
  method: 'POST',
  body,
  headers: { authorization: `Bearer ${key}`, 'idempotency-key': idempotencyKey, 'content-type': 'application/json' },
})

describe.each(hosts)('on %s', (_host, on) => {
  it('a repeated payment runs once and gets the first reply', async () => {
    const { app, key, runs } = await payments()
    const send = await on(app)
    const first = await send('/pay', pay(key, 'k1', '{"amount":1}'))
    const again = await send('/pay', pay(key, '"k1"', '{ "amount":1 }'))
    const text = '{"runs":1,"owner":"alice","received":{"amount":1}}'
    expect([first.status, await first.text(), first.headers.get('idempotent-replayed')]).toEqual([201, text, null])
    expect([again.status, await again.text(), again.headers.get('idempotent-replayed')]).toEqual([201, text, 'true'])
    expect(again.headers.get('vary')).toBe(first.headers.get('vary'))
    const other = await send('/pay', pay(key, 'k1', '{"amount":2}'))
    expect([other.status, runs()]).toEqual([422, 1])
  })

  it('nobody pays without a key, and a key is optional where the app says so', async () => {
    const { app, key, runs } = await payments()
    const send = await on(app)
    const refused = await send('/pay', { method: 'POST', body: '{}', headers: { 'idempotency-key': 'k' } })
    expect([refused.status, ((await refused.json()) as { code: string }).code, runs()]).toEqual([
      401,
      'api-key-missing',
      0,
    ])
    expect(await (await send('/maybe')).json()).toBeNull()
    expect(await (await send('/maybe', { headers: { authorization: `Bearer ${key}` } })).json()).toBe('alice')
  })

  it('a message is let in by its exact bytes, once', async () => {
    const { app } = await payments()
    const send = await on(app)
    const body = new TextEncoder().encode('{"action": "opened"}')
    const headers = sign(github, { body }, secret)
    const message = { method: 'POST', body, headers: { ...headers, 'content-type': 'application/json' } }
    expect(await (await send('/hooks', message)).json()).toEqual(['github', { action: 'opened' }])
    expect((await send('/hooks', message)).status).toBe(409)
    expect((await send('/hooks', { ...message, body: '{"action":"opened"}' })).status).toBe(401)
  })
})
