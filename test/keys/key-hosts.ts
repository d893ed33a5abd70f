import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { ApiKeyOptions } from '@latchkey/core'
import * as onExpress from '@latchkey/express'
import * as onHono from '@latchkey/hono'
import * as onKoa from '@latchkey/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'

/** How a server is set up. */
export interface HostSettings {
  readonly options: ApiKeyOptions
  /** Whether the first proxy in front is trusted. */
  readonly isBehindProxy?: boolean
  /** Told of each request that reaches the handler. */
  readonly handled: () => void
}

type Host = (settings: HostSettings) => Server

/** One guarded route on each framework, which believes a proxy as its users would have it do. */
export const hosts: Readonly<Record<'express' | 'koa' | 'hono', Host>> = {
  express: ({ options, isBehindProxy, handled }) => {
    const app = express()
    if (isBehindProxy) app.set('trust proxy', 1)
    app.get('/', onExpress.apiKeyAuth(options), (_req, res) => {
      handled()
      res.json({ ok: true })
    })
    return createServer(app).listen(0, '127.0.0.1')
  },
  koa: ({ options, isBehindProxy, handled }) => {
    const app = new Koa({ proxy: isBehindProxy === true, maxIpsCount: 1 })
    app.use(onKoa.apiKeyAuth(options))
    app.use((ctx) => {
      handled()
      ctx.body = { ok: true }
    })
    return createServer(app.callback()).listen(0, '127.0.0.1')
  },
  hono: ({ options, isBehindProxy, handled }) => {
    const lastOf = (field: string | undefined) => field?.split(',').at(-1)?.trim()
    const trusting = isBehindProxy
      ? {
          remoteAddress: (c: { req: { header(name: string): string | undefined } }) =>
            lastOf(c.req.header('x-forwarded-for')),
        }
      : {}
    const app = new Hono().get('/', onHono.apiKeyAuth(options, trusting), (c) => {
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

/** Resolves with the server's address once it listens. */
export async function listening(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
