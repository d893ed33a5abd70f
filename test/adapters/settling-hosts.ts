import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { IdempotencyGrant, IdempotencyOptions } from '@latchkey/core'
import * as onExpress from '@latchkey/express'
import * as onHono from '@latchkey/hono'
import * as onKoa from '@latchkey/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'

/** What a handler answers with, each framework in its own idiom. */
interface Answer {
  readonly status: number
  readonly json: unknown
  readonly cookie?: string
}

/** `how` is the path of the request without its slash. */
export type Pay = (grant: IdempotencyGrant, how: string) => Promise<Answer>

/** One protected operation at every path, on each framework. */
const hosts: Readonly<Record<string, (options: IdempotencyOptions, pay: Pay) => Server>> = {
  express: (options, pay) => {
    const guard = onExpress.idempotency(options)
    const app = express()
    app.post('/:how', guard, async (req, res) => {
      const { status, json, cookie } = await pay(guard.grant(req), String(req.params.how))
      if (cookie !== undefined) res.setHeader('set-cookie', cookie)
      res.status(status).json(json)
    })
    // Its own tells of each error on standard error.
    app.use(((_error, _req, res, _next) => void res.status(500).send('failed')) as express.ErrorRequestHandler)
    return createServer(app)
  },
  koa: (options, pay) => {
    const guard = onKoa.idempotency(options)
    const app = new Koa()
    app.silent = true
    app.use(guard)
    app.use(async (ctx) => {
      const { status, json, cookie } = await pay(guard.grant(ctx), ctx.path.slice(1))
      if (cookie !== undefined) ctx.set('set-cookie', cookie)
      ctx.status = status
      ctx.body = json
    })
    return createServer(app.callback())
  },
  hono: (options, pay) => {
    const guard = onHono.idempotency(options)
    const app = new Hono()
    app.onError((_error, c) => c.text('failed', 500))
    app.post('/:how', guard, async (c) => {
      const { status, json, cookie } = await pay(guard.grant(c), c.req.param('how'))
      if (cookie !== undefined) c.header('set-cookie', cookie)
      return c.json(json as object, status as 201)
    })
    return createAdaptorServer({ fetch: app.fetch }) as Server
  },
}

export const frameworks: readonly string[] = Object.keys(hosts)

/** Starts it on the loopback address. */
export async function settlingHost(framework: string, options: IdempotencyOptions, pay: Pay) {
  const server = hosts[framework]!(options, pay)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    post: (how: string, key?: string) =>
      fetch(`${url}/${how}`, { method: 'POST', headers: key === undefined ? {} : { 'idempotency-key': key } }),
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
