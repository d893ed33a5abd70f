import { apiKey, type IdempotencyGrant, idempotency, signature } from '@latchkey/core'
import { type ProtectOptions, protect } from '@latchkey/fetch'
import { httpSignature } from '@latchkey/http-signatures'
import { type Answer, isBodiless } from './answer.js'
import { caller, charge, hook, paymentIntent, type ReadBody, readBody } from './charge.js'
import type { LabParts, WebLab } from './start.js'

type Handler = (request: Request, ...host: unknown[]) => Response | Promise<Response>

const limitBytes = 2 * 1024 * 1024

/** An error that a handler, or the parser, has chosen the status of. */
class HttpError extends Error {
  readonly status: number

  constructor(status: number) {
    super('the handler fails')
    this.status = status
  }
}

/** The lab on `@latchkey/fetch` alone, on whatever host calls it. */
export function fetchApp({ guards, runs, faults }: LabParts, options: ProtectOptions<unknown[]> = {}): WebLab {
  const auth = apiKey(guards.auth)
  const writer = apiKey(guards.writer)
  const once = idempotency(guards.once)
  const optional = idempotency(guards.optional)
  const everyone = idempotency(guards.everyone)

  const charged = rendering(async (request: Request, grant: IdempotencyGrant, owner: string | null) => {
    const body = request.method === 'GET' ? readBody(undefined) : await read(request)
    return send(await charge(runs, { query: new URL(request.url).searchParams, owner, grant, body }))
  })
  const chargedOnce = (guard: typeof once) =>
    protect(
      { auth, once: guard },
      (request, grants) => charged(request, grants.once, grants.auth?.ownerId ?? null),
      options,
    )
  const charging = chargedOnce(once)
  const hooked = rendering(async (request: Request, id: string | undefined) =>
    send(await hook(new URL(request.url).searchParams, (await read(request)).sha256, id)),
  )

  const routes = new Map<string, Handler>([
    ['GET /health', () => Response.json({ ok: true })],
    ['GET /whoami', protect({ auth }, (_, grants) => Response.json(caller(grants.auth)), options)],
    ['HEAD /whoami', protect({ auth }, () => new Response(null), options)],
    ['OPTIONS /whoami', protect({ auth }, notFound, options)],
    ['POST /scoped/write', protect({ writer }, () => Response.json({ written: true }), options)],
    ['POST /optional/charge', chargedOnce(optional)],
    [
      'POST /everyone/charge',
      protect({ everyone }, (request, grants) => charged(request, grants.everyone, null), options),
    ],
    ['POST /gzip/charge', compressed(charging)],
    [
      'POST /v1/payment_intents',
      protect(
        { auth, optional },
        async (request, grants) => {
          const form = Object.fromEntries(new URLSearchParams(await request.text()))
          return send(paymentIntent(runs, grants.auth?.ownerId ?? null, form))
        },
        options,
      ),
    ],
    [
      'POST /hooks/rfc9421',
      protect(
        { signature: httpSignature(guards.httpSignature) },
        (request, grants) => hooked(request, grants.signature.id),
        options,
      ),
    ],
    ['GET /lab/runs', () => Response.json(runs.show())],
    [
      'POST /lab/reset',
      () => {
        runs.reset()
        return Response.json(runs.show())
      },
    ],
    [
      'POST /lab/store',
      async (request) => {
        const status = faults.inject(await request.json()) ? 200 : 400
        return Response.json(faults.show(), { status })
      },
    ],
  ])
  for (const method of ['GET', 'POST', 'PATCH']) routes.set(`${method} /idem/charge`, charging)
  routes.set('OPTIONS /idem/charge', protect({ auth, once }, notFound, options))
  for (const path of ['/idem/refund', '/a/pay', '/b/pay']) routes.set(`POST ${path}`, charging)
  for (const [scheme, { before, signature: bound, behind }] of Object.entries(guards.hooks)) {
    const verified = protect(
      { before, signature: signature(bound), behind },
      (request, grants) => hooked(request, grants.signature.id),
      options,
    )
    for (const method of ['GET', 'HEAD', 'POST']) routes.set(`${method} /hooks/${scheme}`, verified)
  }
  for (const [name, guard] of Object.entries(guards.remoteHooks)) {
    routes.set(
      `POST /hooks/${name}`,
      protect({ signature: guard }, (request, grants) => hooked(request, grants.signature.id), options),
    )
  }

  return {
    guards: [once, optional, everyone],
    fetch: async (request, ...host) => {
      const handler = routes.get(`${request.method} ${new URL(request.url).pathname}`) ?? notFound
      try {
        return await handler(request, ...host)
      } catch {
        return new Response('Internal Server Error', { status: 500 })
      }
    },
  }
}

/** A handler that answers its own errors; any other leaves it, and `protect`, as it was thrown. */
function rendering<Arguments extends unknown[]>(handler: (...given: Arguments) => Promise<Response>) {
  return async (...given: Arguments): Promise<Response> => {
    try {
      return await handler(...given)
    } catch (error) {
      if (error instanceof HttpError) return new Response(error.message, { status: error.status })
      throw error
    }
  }
}

function notFound(): Response {
  return new Response('404 Not Found', { status: 404 })
}

/** Compresses what a handler answers, for a client that takes it. */
function compressed(handler: Handler): Handler {
  return async (request, ...host) => {
    const response = await handler(request, ...host)
    const isWanted = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')
    if (!isWanted || response.body === null || response.headers.has('content-encoding')) return response
    const { status } = response
    const headers = new Headers(response.headers)
    headers.delete('content-length')
    headers.set('content-encoding', 'gzip')
    const init = { status, headers, encodeBody: 'manual' } as ResponseInit
    return new Response(response.body.pipeThrough(new CompressionStream('gzip')), init)
  }
}

/** What the handler answers about the body. */
async function read(request: Request): Promise<ReadBody> {
  const type = request.headers.get('content-type') ?? ''
  if (Number(request.headers.get('content-length')) > limitBytes) throw new HttpError(413)
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.length > limitBytes) throw new HttpError(413)
  if (bytes.length === 0 || /^multipart\//i.test(type)) return readBody(bytes)
  const text = new TextDecoder().decode(bytes)
  if (/^text\//i.test(type)) return readBody(bytes, text)
  if (!/^[^;]*[/+]json\s*(;|$)/i.test(type)) return readBody(bytes)
  try {
    return readBody(bytes, JSON.parse(text))
  } catch {
    throw new HttpError(400)
  }
}

function send(answer: Answer): Promise<Response> | Response {
  if (answer.kind === 'never') return new Promise(() => {})
  if (answer.kind === 'throw')
    throw answer.how === 'http' ? new HttpError(answer.status) : new Error('the handler fails')
  const { status } = answer
  const headers = new Headers()
  for (const [name, value] of answer.headers) for (const one of [value].flat()) headers.append(name, one)
  switch (answer.kind) {
    case 'json':
      return Response.json(answer.json, { status, headers })
    case 'text':
    case 'end':
    case 'head-array':
      return new Response(answer.text, { status, headers })
    case 'bytes':
      // `encodeBody` keeps Workers from compressing what is compressed.
      return new Response(new Uint8Array(answer.bytes), { status, headers, encodeBody: 'manual' } as ResponseInit)
    case 'empty':
      return new Response(isBodiless(status) ? null : '', { status, headers })
    case 'redirect':
      headers.set('location', answer.location)
      return new Response(null, { status, headers })
    case 'stream':
      return new Response(streamOf(answer.pieces), { status, headers })
  }
}

function streamOf(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await iterator.next()
      if (done) controller.close()
      else controller.enqueue(new Uint8Array(value))
    },
    cancel: async () => void (await iterator.return?.()),
  })
}
