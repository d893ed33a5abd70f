import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { bodyParser } from '@koa/bodyparser'
import { memoryStore } from '@latchkey/core'
import { mount as onExpress } from '@latchkey/express'
import { mount as onHono } from '@latchkey/hono'
import { httpSignature, signingKey, signRequest, verificationKey } from '@latchkey/http-signatures'
import { mount as onKoa } from '@latchkey/koa'
import express, { type ErrorRequestHandler } from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterEach, describe, expect, test } from 'vitest'

const components = ['@method', '@target-uri', 'content-digest']
const secret = 'a secret of the tests'

const guard = () =>
  httpSignature({
    keys: verificationKey({ algorithm: 'hmac-sha256', key: secret }),
    policy: { required: components, maxAgeSeconds: 60, algorithms: ['hmac-sha256'] },
    store: memoryStore(),
  })

/** A server that answers what its parser has read, the guard before the parser or behind it; `failed` is handed what it throws. */
type Host = (isGuardFirst: boolean, failed: (error: unknown) => void) => Server

const hosts: Readonly<Record<string, Host>> = {
  Express: (isGuardFirst, failed) => {
    const app = express()
    const chain = [onExpress('signature', guard()), express.json()]
    app.use(isGuardFirst ? chain : chain.reverse())
    app.post('/echo', (req, res) => void res.json(req.body))
    const caught: ErrorRequestHandler = (error, _req, res, _next) => {
      failed(error)
      res.status(500).end()
    }
    return createServer(app.use(caught))
  },
  Koa: (isGuardFirst, failed) => {
    const app = new Koa()
    app.silent = true
    app.on('error', failed)
    const chain = [onKoa('signature', guard()), bodyParser()]
    for (const middleware of isGuardFirst ? chain : chain.reverse()) app.use(middleware)
    app.use((ctx) => {
      ctx.body = ctx.request.body as object
    })
    return createServer(app.callback())
  },
  Hono: (isGuardFirst, failed) => {
    const app = new Hono()
    app.onError((error, c) => {
      failed(error)
      return c.text('failed', 500)
    })
    const signed = onHono('signature', guard())
    // What takes the stream itself keeps no bytes; `c.req.json()` would.
    if (!isGuardFirst) {
      app.use(async (c, next) => {
        await new Response(c.req.raw.body).text()
        await next()
      })
    }
    app.post('/echo', signed, async (c) => c.json(await c.req.json()))
    return createAdaptorServer({ fetch: app.fetch }) as Server
  },
}

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close().closeAllConnections()
})

async function ask(host: Host, isGuardFirst: boolean) {
  const errors: unknown[] = []
  const server = host(isGuardFirst, (error) => errors.push(error)).listen(0, '127.0.0.1')
  open.push(server)
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/echo?a=1`
  const headers = { 'content-type': 'application/json' }
  const key = signingKey({ algorithm: 'hmac-sha256', key: secret })
  const request = await signRequest(new Request(url, { method: 'POST', body: '{"a":[1,"é"]}', headers }), {
    key,
    components,
  })
  const response = await fetch(request)
  return { status: response.status, text: await response.text(), errors }
}

describe.each(Object.entries(hosts))('httpSignature on %s', (_, host) => {
  test('lets in what fetch sends with a signature, and the parser behind it reads the same', async () => {
    expect(await ask(host, true)).toEqual({ status: 200, text: '{"a":[1,"é"]}', errors: [] })
  })

  test('behind a parser is a misconfiguration that names the fix', async () => {
    const { status, errors } = await ask(host, false)
    expect(status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ name: 'ConfigurationError', code: 'body-already-read' })])
  })
})
