import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import Router from '@koa/router'
import type { ApiKeyOptions, IdempotencyOptions } from '@latchkey/core'
import * as onExpress from '@latchkey/express'
import * as onHono from '@latchkey/hono'
import * as onKoa from '@latchkey/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'

/** How a server is set up. */
interface HostSettings {
  readonly options: ApiKeyOptions
  /** A route `POST /once` has this guard, too. */
  readonly once: IdempotencyOptions
  /** Whether the first proxy in front is trusted. */
  readonly isBehindProxy?: boolean
  /** Told of each request that reaches the handler. */
  readonly handled: () => void
}

type Host = (settings: HostSettings) => Server

/** One guarded route on each framework, which believes a proxy as its users would have it do. */
export const hosts: Readonly<Record<'express' | 'koa' | 'hono', Host>> = {
  express: ({ options, once, isBehindProxy, handled }) => {
    const app = express()
    if (isBehindProxy) app.set('trust proxy', 1)
    app.use(onExpress.apiKeyAuth(options))
    app.post('/once', onExpress.idempotency(once))
    app.use((_req, res) => {
      handled()
      res.json({ ok: true })
    })
    return createServer(app).listen(0, '127.0.0.1')
  },
  koa: ({ options, once, isBehindProxy, handled }) => {
    const app = new Koa({ proxy: isBehindProxy === true, maxIpsCount: 1 })
    const router = new Router().post('/once', onKoa.idempotency(once))
    app.use(onKoa.apiKeyAuth(options)).use(router.routes())
    app.use((ctx) => {
      handled()
      ctx.body = { ok: true }
    })
    return createServer(app.callback()).listen(0, '127.0.0.1')
  },
  hono: ({ options, once, isBehindProxy, handled }) => {
    const lastOf = (field: string | undefined) => field?.split(',').at(-1)?.trim()
    const trusting = isBehindProxy
      ? {
          remoteAddress: (c: { req: { header(name: string): string | undefined } }) =>
            lastOf(c.req.header('x-forwarded-for')),
        }
      : {}
    const app = new Hono().use(onHono.apiKeyAuth(options, trusting))
    app.on('POST', '/once', onHono.idempotency(once))
    app.all('*', (c) => {
      handled()
      return c.json({ ok: true })
    })
    const asSent = (request: Request) => {
      const scheme = isBehindProxy ? request.headers.get('x-forwarded-proto') : null
      return scheme === 'https' ? new Request(request.url.replace(/^http:/, 'https:'), request) : request
    }
    return serve({ fetch: (request, env) => app.fetch(asSent(request), env), port: 0, hostname: '127.0.0.1' }) as Server
  },
}

/** Resolves with the server's address, without a slash at its end, once it listens. */
export async function listening(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
