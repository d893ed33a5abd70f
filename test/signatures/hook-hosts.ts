import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { bodyParser } from '@koa/bodyparser'
import type { Guard } from '@latchkey/core'
import { mount as onExpress } from '@latchkey/express'
import { protect } from '@latchkey/fetch'
import { mount as onHono } from '@latchkey/hono'
import { mount as onKoa } from '@latchkey/koa'
import express, { type ErrorRequestHandler } from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import Koa, { type Context } from 'koa'
import Koa2 from 'koa2'

/** The guards of webhooks by name. */
export type Hooks = Readonly<Record<string, Guard<unknown>>>

/**
 * A server with three routes a hook: `/bytes/<name>` answers the SHA-256 of the bytes that the handler reads behind the guard,
 * `/json/<name>` what a JSON parser mounted behind it has parsed, `/early/<name>` has the parser before the guard. What is
 * thrown is answered with its code and message, as a developer sees them.
 */
export type HookHost = (hooks: Hooks) => Server

const limit = '128mb'

/** Hashed piece by piece, so that whoever measures a server measures the guard. */
async function seen(pieces: AsyncIterable<Uint8Array> | null): Promise<{ sha256: string }> {
  const hash = createHash('sha256')
  for await (const piece of pieces ?? []) hash.update(piece)
  return { sha256: hash.digest('hex') }
}

function thrown(error: unknown): { code: unknown; message: string } {
  const { code, message } = error as Error & { code: unknown }
  return { code, message }
}

function expressHost(framework: typeof express): HookHost {
  return (hooks) => {
    const app = framework()
    const parser = framework.json({ limit })
    for (const [name, guard] of Object.entries(hooks)) {
      const hook = onExpress('hook', guard)
      app.post(`/bytes/${name}`, hook, (req, res, next) => {
        seen(req).then((answer) => res.json(answer), next)
      })
      app.post(`/json/${name}`, hook, parser, (req, res) => void res.json(req.body ?? null))
      app.post(`/early/${name}`, parser, hook, (req, res) => void res.json(req.body ?? null))
    }
    const answered: ErrorRequestHandler = (error, _req, res, _next) => void res.status(500).json(thrown(error))
    return createServer(app.use(answered))
  }
}

function koaHost(Framework: typeof Koa): HookHost {
  return (hooks) => {
    const app = new Framework()
    const parser = bodyParser({ jsonLimit: limit })
    const byName = new Map(Object.entries(hooks).map(([name, guard]) => [name, onKoa('hook', guard)]))
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        ctx.status = 500
        ctx.body = thrown(error)
      }
    })
    app.use(async (ctx: Context) => {
      const [, way = '', name = ''] = ctx.path.split('/')
      const hook = byName.get(name)!
      const answer = async () => {
        ctx.body = way === 'bytes' ? await seen(ctx.req) : (ctx.request.body ?? null)
      }
      if (way === 'bytes') return hook(ctx, answer)
      if (way === 'json') return hook(ctx, () => parser(ctx, answer))
      return parser(ctx, () => hook(ctx, answer))
    })
    return createServer(app.callback())
  }
}

const honoHost: HookHost = (hooks) => {
  const app = new Hono()
  app.onError((error, c) => c.json(thrown(error), 500))
  for (const [name, guard] of Object.entries(hooks)) {
    const hook = onHono('hook', guard)
    app.post(`/bytes/${name}`, hook, async (c) => c.json(await seen(c.req.raw.body)))
    app.post(`/json/${name}`, hook, async (c) => c.json(await c.req.json()))
    // What takes the stream itself keeps no bytes; `c.req.json()` would.
    app.use(`/early/${name}`, async (c, next) => {
      await new Response(c.req.raw.body).text()
      await next()
    })
    app.post(`/early/${name}`, hook, async (c) => c.json(await c.req.json()))
  }
  return createAdaptorServer({ fetch: app.fetch }) as Server
}

const fetchHost: HookHost = (hooks) => {
  const byName = new Map(
    Object.entries(hooks).map(([name, hook]) => {
      const bytes = protect({ hook }, async (request) => Response.json(await seen(request.body)))
      const json = protect({ hook }, async (request) => Response.json(await request.json()))
      const early = async (request: Request) => {
        await request.json()
        return json(request)
      }
      return [name, { bytes, json, early }] as const
    }),
  )
  const fetch = async (request: Request): Promise<Response> => {
    const [, way, name = ''] = new URL(request.url).pathname.split('/')
    try {
      return await byName.get(name)![way as 'bytes' | 'json' | 'early'](request)
    } catch (error) {
      return Response.json(thrown(error), { status: 500 })
    }
  }
  return createAdaptorServer({ fetch }) as Server
}

/** Every framework, and both majors of those that have two. */
export const hookHosts: Readonly<Record<string, HookHost>> = {
  'Express 5': expressHost(express),
  'Express 4': expressHost(express4),
  'Koa 3': koaHost(Koa),
  'Koa 2': koaHost(Koa2),
  Hono: honoHost,
  fetch: fetchHost,
}

/** Starts a host on a port of its own, and answers its URL. */
export async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
