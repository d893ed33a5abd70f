import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import Router from '@koa/router'
import { httpSignature } from '@latchkey/http-signatures'
import { apiKeyAuth, idempotency, mount, verifySignature } from '@latchkey/koa'
import parse from 'co-body'
import type { Context, Middleware, Next } from 'koa'
import Koa from 'koa'
import compress from 'koa-compress'
import { type Answer, flatHeaders } from './answer.js'
import { caller, charge, hook, paymentIntent, type ReadBody, readBody } from './charge.js'
import type { LabParts, MountedLab } from './start.js'

const limit = 2 * 1024 * 1024

/** The lab on Koa 3, or on whichever major is handed in. */
export function koaLab({ guards, runs, faults }: LabParts, Framework = Koa): MountedLab {
  const auth = apiKeyAuth(guards.auth)
  const writer = apiKeyAuth(guards.writer)
  const once = idempotency(guards.once)
  const optional = idempotency(guards.optional)
  const everyone = idempotency(guards.everyone)
  const app = new Framework()
  app.silent = process.env.NODE_ENV === 'test'
  // Routes ignore case by default and `use` does not: without `sensitive` a guard that stands there is passed by at /A/pay.
  const router = new Router({ sensitive: true })

  const ownerOf = (ctx: Context) => auth.grant(ctx)?.ownerId ?? null
  const handler =
    (guard: typeof once, owner: (ctx: Context) => string | null): Middleware =>
    async (ctx) => {
      const body = ctx.state.read ?? readBody(undefined)
      await send(
        await charge(runs, { query: ctx.URL.searchParams, owner: owner(ctx), grant: guard.grant(ctx), body }),
        ctx,
      )
    }

  router.get('/health', (ctx) => {
    ctx.body = { ok: true }
  })
  // With `all` the guard meets every method, so that a preflight reaches it too.
  router.all('/whoami', auth)
  router.get('/whoami', (ctx) => {
    ctx.body = caller(auth.grant(ctx))
  })
  router.all('/scoped/write', writer)
  router.post('/scoped/write', (ctx) => {
    ctx.body = { written: true }
  })

  router.all('/idem/:operation', auth, once)
  router.get('/idem/charge', handler(once, ownerOf))
  router.post('/idem/charge', parser, handler(once, ownerOf))
  router.patch('/idem/charge', parser, handler(once, ownerOf))
  router.post('/idem/refund', parser, handler(once, ownerOf))
  router.post('/optional/charge', auth, optional, parser, handler(optional, ownerOf))
  router.post(
    '/everyone/charge',
    everyone,
    parser,
    handler(everyone, () => null),
  )
  for (const prefix of ['/a', '/b']) {
    const inner = new Router({ prefix, sensitive: true })
    inner.use(auth, once)
    inner.post('/pay', parser, handler(once, ownerOf))
    router.use(inner.routes())
  }
  router.post('/gzip/charge', compress({ threshold: 0 }), auth, once, parser, handler(once, ownerOf))
  router.post('/v1/payment_intents', auth, optional, async (ctx) => {
    await send(paymentIntent(runs, ownerOf(ctx), await parse.form(ctx.req, { limit })), ctx)
  })

  for (const [scheme, options] of Object.entries(guards.hooks)) {
    const verified = verifySignature(options.signature)
    const before = mount('before', options.before)
    const behind = mount('behind', options.behind)
    router.all(`/hooks/${scheme}`, before, verified, behind, parser, async (ctx) => {
      await send(await hook(ctx.URL.searchParams, ctx.state.read.sha256, verified.grant(ctx).id), ctx)
    })
  }
  for (const [name, guard] of Object.entries(guards.remoteHooks)) {
    const verified = mount('signature', guard)
    router.post(`/hooks/${name}`, verified, parser, async (ctx) => {
      await send(await hook(ctx.URL.searchParams, ctx.state.read.sha256, verified.grant(ctx).id), ctx)
    })
  }
  const signed = mount('signature', httpSignature(guards.httpSignature))
  router.post('/hooks/rfc9421', signed, parser, async (ctx) => {
    await send(await hook(ctx.URL.searchParams, ctx.state.read.sha256, signed.grant(ctx).id), ctx)
  })

  router.get('/lab/runs', (ctx) => {
    ctx.body = runs.show()
  })
  router.post('/lab/reset', (ctx) => {
    runs.reset()
    ctx.body = runs.show()
  })
  router.post('/lab/store', async (ctx) => {
    ctx.status = faults.inject(await parse.json(ctx.req)) ? 200 : 400
    ctx.body = faults.show()
  })

  app.use(router.routes())
  return { server: createServer(app.callback()), guards: [once.guard, optional.guard, everyone.guard] }
}

/** Leaves in `ctx.state.read` what the handler answers about the body. */
async function parser(ctx: Context, next: Next): Promise<void> {
  ctx.state.read = await read(ctx)
  await next()
}

async function read({ req, request }: Context): Promise<ReadBody> {
  if (request.is('multipart')) return readBody(Buffer.concat(await req.toArray()))
  if (!request.is('json', '+json', 'text/*')) return readBody(await bytesOf(req))
  // The parser hands out text only, so the bytes are watched on their way to it.
  const pieces: Buffer[] = []
  req.on('data', (piece: Buffer) => pieces.push(piece))
  const received = request.is('text/*') ? await parse.text(req, { limit }) : await parse.json(req, jsonOptions)
  return readBody(Buffer.concat(pieces), received)
}

const jsonOptions = { limit, strict: false, onProtoPoisoning: 'ignore' as const }

/** Every parser of co-body hands out text, unless it is told of no encoding. */
async function bytesOf(req: Context['req']): Promise<Buffer> {
  return (await parse.text(req, { limit, encoding: false as unknown as string })) as Buffer
}

/** Sends the answer in Koa's own idiom. */
async function send(answer: Answer, ctx: Context): Promise<void> {
  if (answer.kind === 'never') return new Promise(() => {})
  if (answer.kind === 'throw') return fail(answer, ctx)
  if (answer.kind === 'head-array') {
    ctx.respond = false
    ctx.res.writeHead(answer.status, flatHeaders(answer)).end(answer.text)
    return
  }
  ctx.status = answer.status
  for (const [name, value] of answer.headers) ctx.append(name, [value].flat())
  switch (answer.kind) {
    case 'json':
      ctx.body = answer.json
      return
    case 'text':
      ctx.body = answer.text
      return
    case 'bytes':
      ctx.body = answer.bytes
      return
    case 'empty':
      ctx.body = null
      return
    case 'redirect':
      return ctx.redirect(answer.location)
    case 'end':
      ctx.respond = false
      ctx.res.end(answer.text)
      return
    case 'stream':
      ctx.body = Readable.from(answer.pieces)
      return
  }
}

function fail({ how, status }: Extract<Answer, { kind: 'throw' }>, ctx: Context): Promise<never> {
  if (how === 'http') ctx.throw(status, 'the handler fails')
  throw new Error('the handler fails')
}
