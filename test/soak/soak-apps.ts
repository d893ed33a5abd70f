import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { apiKeys, memoryStore, standardWebhooks } from '@latchkey/core'
import * as onExpress from '@latchkey/express'
import * as onHono from '@latchkey/hono'
import * as onKoa from '@latchkey/koa'
import { seededRandom } from '@latchkey/testing'
import express from 'express'
import { Hono } from 'hono'
import Koa, { type Middleware } from 'koa'

export const frameworks = ['express', 'koa', 'hono'] as const

export type Framework = (typeof frameworks)[number]

export const webhookSecret = `whsec_${Buffer.from('the secret of the soak, 32 bytes').toString('base64')}`

/** What is stored lives so long: in a soak of a few seconds as much expires as comes. */
const ttlSeconds = 1

const receipt = { id: 'pay_1', status: 'succeeded', note: 'x'.repeat(120) }

/** A key that server and client make alike, and options of the three guards. */
export async function soakGuards() {
  const store = memoryStore()
  const keys = apiKeys({ store, prefix: 'acme', random: seededRandom('soak') })
  const { key } = await keys.issue({ ownerId: 'org_1', environment: 'live', scopes: ['payments:write'] })
  const scheme = standardWebhooks({ secrets: [webhookSecret] })
  return {
    key,
    forKeys: { keys, scopes: ['payments:write'] },
    forPayments: { store, scope: 'caller', ttlSeconds },
    forHooks: { store, scheme, replayTtlSeconds: ttlSeconds },
  } as const
}

type Guards = Awaited<ReturnType<typeof soakGuards>>

/** The same three routes everywhere: one for holders of keys, one that runs once, one for a signed message. */
export const listeners: Readonly<Record<Framework, (guards: Guards) => RequestListener>> = {
  express: ({ forKeys, forPayments, forHooks }) => {
    const app = express()
    app.get('/keys', onExpress.apiKeyAuth(forKeys), (_, res) => void res.json({ hello: 'world' }))
    const once = [onExpress.apiKeyAuth(forKeys), onExpress.idempotency(forPayments), express.json()]
    app.post('/payments', ...once, (_, res) => void res.status(201).json(receipt))
    app.post('/hooks', onExpress.verifySignature(forHooks), (_, res) => void res.status(204).end())
    return app
  },
  koa: ({ forKeys, forPayments, forHooks }) => {
    const routes: Readonly<Record<string, readonly Middleware[]>> = {
      '/keys': [onKoa.apiKeyAuth(forKeys), answer(200, { hello: 'world' })],
      '/payments': [onKoa.apiKeyAuth(forKeys), onKoa.idempotency(forPayments), answer(201, receipt)],
      '/hooks': [onKoa.verifySignature(forHooks), answer(204, null)],
    }
    const app = new Koa().on('error', () => undefined)
    return app
      .use((ctx) => {
        const chain = routes[ctx.path]!
        const run = (at: number): Promise<unknown> => Promise.resolve(chain[at]?.(ctx, () => run(at + 1)))
        return run(0)
      })
      .callback()
  },
  hono: ({ forKeys, forPayments, forHooks }) => {
    const app = new Hono()
    app.get('/keys', onHono.apiKeyAuth(forKeys), (c) => c.json({ hello: 'world' }))
    app.post('/payments', onHono.apiKeyAuth(forKeys), onHono.idempotency(forPayments), (c) => c.json(receipt, 201))
    app.post('/hooks', onHono.verifySignature(forHooks), (c) => c.body(null, 204))
    return getRequestListener(app.fetch)
  },
}

function answer(status: number, body: object | null): Middleware {
  return (ctx) => {
    ctx.body = body
    ctx.status = status
  }
}
