import { createServer, type Server } from 'node:http'
import { serve } from '@hono/node-server'
import Router from '@koa/router'
import type { Guard } from '@latchkey/core'
import * as onExpress from '@latchkey/express'
import { protect } from '@latchkey/fetch'
import * as onHono from '@latchkey/hono'
import * as onKoa from '@latchkey/koa'
import express from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import Koa from 'koa'
import Koa2 from 'koa2'

/** Serves a guard that answers what is its own, and behind it a handler that says it was reached. */
export type Host = (guard: Guard<unknown>) => Server

export const behind = 'behind'

const expressHost =
  (create: typeof express): Host =>
  (guard) => {
    const app = create()
    app.use(onExpress.mount('management', guard))
    app.use(express.json(), (_req, res) => void res.send(behind))
    return createServer(app).listen(0, '127.0.0.1')
  }

const koaHost =
  (App: typeof Koa): Host =>
  (guard) => {
    const app = new App().use(onKoa.mount('management', guard)).use((ctx) => {
      ctx.body = behind
    })
    return createServer(app.callback()).listen(0, '127.0.0.1')
  }

export const hosts: Readonly<Record<string, Host>> = {
  'Express 5': expressHost(express),
  'Express 4': expressHost(express4),
  'Koa 3': koaHost(Koa),
  'Koa 2': koaHost(Koa2),
  Hono: (guard) => {
    const app = new Hono().use(onHono.mount('management', guard)).all('*', (c) => c.text(behind))
    return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  },
  fetch: (guard) => {
    const handler = protect({ management: guard }, () => new Response(behind))
    return serve({ fetch: (request: Request) => handler(request), port: 0, hostname: '127.0.0.1' }) as Server
  },
}

/** The guard below a router that takes `/admin` off the path. */
export const routedHosts: Readonly<Record<string, Host>> = {
  'an Express 5 router': (guard) => {
    const router = express.Router().use(onExpress.mount('management', guard))
    return createServer(express().use('/admin', router)).listen(0, '127.0.0.1')
  },
  'an Express 4 router': (guard) => {
    const router = express4.Router().use(onExpress.mount('management', guard))
    return createServer(express4().use('/admin', router)).listen(0, '127.0.0.1')
  },
  'a Koa 3 router': (guard) => {
    const router = new Router({ prefix: '/admin' }).all('/api-keys{/*rest}', onKoa.mount('management', guard))
    return createServer(new Koa().use(router.routes()).callback()).listen(0, '127.0.0.1')
  },
  'a Koa 2 router': (guard) => {
    const router = new Router({ prefix: '/admin' }).all('/api-keys{/*rest}', onKoa.mount('management', guard))
    return createServer(new Koa2().use(router.routes()).callback()).listen(0, '127.0.0.1')
  },
  'a Hono route': (guard) => {
    const app = new Hono().route('/admin', new Hono().use('/api-keys/*', onHono.mount('management', guard)))
    return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  },
}
