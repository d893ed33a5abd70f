import { apiKeyAuth, idempotency, type MountOptions, mount, verifySignature } from '@latchkey/hono'
import { httpSignature } from '@latchkey/http-signatures'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { HTTPException } from 'hono/http-exception'
import { stream } from 'hono/streaming'
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status'
import type { Answer } from './answer.js'
import { caller, charge, hook, paymentIntent, type ReadBody, readBody } from './charge.js'
import type { LabParts, WebLab } from './start.js'

interface Lab {
  Variables: { read: ReadBody }
}

/** The lab on Hono, on whatever host calls it. */
export function honoApp({ guards, runs, faults }: LabParts, mounting?: MountOptions): WebLab {
  const auth = apiKeyAuth(guards.auth, mounting)
  const writer = apiKeyAuth(guards.writer, mounting)
  const once = idempotency(guards.once, mounting)
  const optional = idempotency(guards.optional, mounting)
  const everyone = idempotency(guards.everyone, mounting)
  const app = new Hono<Lab>()
  const limited = bodyLimit({ maxSize: 2 * 1024 * 1024 })

  const ownerOf = (c: Context) => auth.grant(c)?.ownerId ?? null
  const queryOf = (c: Context) => new URL(c.req.url).searchParams
  const handler =
    (guard: typeof once, owner: (c: Context) => string | null) =>
    async (c: Context<Lab>): Promise<Response> => {
      const body = c.var.read ?? readBody(undefined)
      return send(await charge(runs, { query: queryOf(c), owner: owner(c), grant: guard.grant(c), body }), c)
    }

  app.onError((error, c) =>
    error instanceof HTTPException ? error.getResponse() : c.text('Internal Server Error', 500),
  )
  app.get('/health', (c) => c.json({ ok: true }))
  app.use('/whoami', auth)
  app.get('/whoami', (c) => c.json(caller(auth.grant(c))))
  app.use('/scoped/*', writer)
  app.post('/scoped/write', (c) => c.json({ written: true }))

  app.use('/idem/*', auth, once)
  app.get('/idem/charge', handler(once, ownerOf))
  app.post('/idem/charge', limited, parser, handler(once, ownerOf))
  app.patch('/idem/charge', limited, parser, handler(once, ownerOf))
  app.post('/idem/refund', limited, parser, handler(once, ownerOf))
  app.post('/optional/charge', auth, optional, limited, parser, handler(optional, ownerOf))
  app.post(
    '/everyone/charge',
    everyone,
    limited,
    parser,
    handler(everyone, () => null),
  )
  for (const base of ['/a', '/b']) {
    const inner = new Hono<Lab>()
    inner.use(auth, once)
    inner.post('/pay', limited, parser, handler(once, ownerOf))
    app.route(base, inner)
  }
  app.use('/gzip/*', compress({ threshold: 0 }), auth, once)
  app.post('/gzip/charge', limited, parser, handler(once, ownerOf))
  app.post('/v1/payment_intents', auth, optional, limited, async (c) =>
    send(paymentIntent(runs, ownerOf(c), await c.req.parseBody()), c),
  )

  for (const [scheme, options] of Object.entries(guards.hooks)) {
    const verified = verifySignature(options.signature, mounting)
    const before = mount('before', options.before, mounting)
    const behind = mount('behind', options.behind, mounting)
    app.all(`/hooks/${scheme}`, before, verified, behind, limited, parser, async (c) =>
      send(await hook(queryOf(c), c.var.read.sha256, verified.grant(c).id), c),
    )
  }
  for (const [name, guard] of Object.entries(guards.remoteHooks)) {
    const verified = mount('signature', guard, mounting)
    app.post(`/hooks/${name}`, verified, limited, parser, async (c) =>
      send(await hook(queryOf(c), c.var.read.sha256, verified.grant(c).id), c),
    )
  }
  const signed = mount('signature', httpSignature(guards.httpSignature), mounting)
  app.post('/hooks/rfc9421', signed, limited, parser, async (c) =>
    send(await hook(queryOf(c), c.var.read.sha256, signed.grant(c).id), c),
  )

  app.get('/lab/runs', (c) => c.json(runs.show()))
  app.post('/lab/reset', (c) => {
    runs.reset()
    return c.json(runs.show())
  })
  app.post('/lab/store', async (c) => c.json(faults.show(), faults.inject(await c.req.json()) ? 200 : 400))

  return { fetch: app.fetch, guards: [once.guard, optional.guard, everyone.guard] }
}

/** Leaves in `c.var.read` what the handler answers about the body. */
const parser: MiddlewareHandler<Lab> = async (c, next) => {
  c.set('read', await read(c))
  await next()
}

async function read(c: Context<Lab>): Promise<ReadBody> {
  const type = c.req.header('content-type') ?? ''
  if (/^multipart\//i.test(type)) {
    const pieces: Uint8Array[] = []
    for await (const piece of c.req.raw.body ?? []) pieces.push(piece)
    return readBody(Buffer.concat(pieces))
  }
  const bytes = new Uint8Array(await c.req.arrayBuffer())
  if (bytes.length === 0) return readBody(bytes)
  if (/^text\//i.test(type)) return readBody(bytes, await c.req.text())
  if (!/^[^;]*[/+]json\s*(;|$)/i.test(type)) return readBody(bytes)
  try {
    return readBody(bytes, await c.req.json())
  } catch (cause) {
    throw new HTTPException(400, { message: 'the body is not JSON', cause })
  }
}

/** Sends the answer in Hono's own idiom. */
function send(answer: Answer, c: Context): Promise<Response> | Response {
  if (answer.kind === 'never') return new Promise(() => {})
  if (answer.kind === 'throw') return fail(answer)
  if (answer.kind === 'head-array') return new Response(answer.text, { status: answer.status, headers: pairs(answer) })
  for (const [name, value] of pairs(answer)) c.header(name, value, { append: true })
  const status = answer.status as ContentfulStatusCode
  switch (answer.kind) {
    case 'json':
      return c.json(answer.json, status)
    case 'text':
      return c.text(answer.text, status)
    case 'bytes':
      // `encodeBody` keeps Workers from compressing what is compressed.
      return new Response(new Uint8Array(answer.bytes), {
        status,
        headers: pairs(answer),
        encodeBody: 'manual',
      } as ResponseInit)
    case 'empty':
      return c.body(null, status as StatusCode)
    case 'redirect':
      return c.redirect(answer.location, 303)
    case 'end':
      return new Response(answer.text, { status })
    case 'stream':
      c.status(status)
      return stream(c, async (writer) => {
        for await (const piece of answer.pieces) await writer.write(piece)
      })
  }
}

function pairs({ headers }: Answer): [string, string][] {
  return headers.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]))
}

function fail({ how, status }: Extract<Answer, { kind: 'throw' }>): never {
  if (how === 'http') throw new HTTPException(status as ContentfulStatusCode, { message: 'the handler fails' })
  throw new Error('the handler fails')
}
