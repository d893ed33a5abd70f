import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as latchkey from '@latchkey/express'
import { httpSignature } from '@latchkey/http-signatures'
import compression from 'compression'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import express from 'express'
import { type Answer, flatHeaders } from './answer.js'
import { caller, charge, hook, paymentIntent, readBody } from './charge.js'
import type { LabParts, MountedLab } from './start.js'

const limit = 2 * 1024 * 1024

/** What the lab mounts. */
export type ExpressAdapter = Pick<typeof latchkey, 'apiKeyAuth' | 'idempotency' | 'verifySignature'>

/** The lab on Express 5, or on whichever major and with whichever adapter are handed in. */
export function expressLab(
  { guards, runs, faults }: LabParts,
  framework = express,
  { apiKeyAuth, idempotency, verifySignature }: ExpressAdapter = latchkey,
): MountedLab {
  const auth = apiKeyAuth(guards.auth)
  const writer = apiKeyAuth(guards.writer)
  const once = idempotency(guards.once)
  const optional = idempotency(guards.optional)
  const everyone = idempotency(guards.everyone)
  const app = framework()

  // The parsers keep the bytes that they read, so that the handler can tell their hash.
  const read = new WeakMap<object, Buffer>()
  const keep = (req: object, _res: unknown, bytes: Buffer) => void read.set(req, bytes)
  const isMultipart = (req: { headers: Record<string, unknown> }) =>
    /^multipart\//i.test(`${req.headers['content-type']}`)
  const multipart: RequestHandler = (req, _res, next) => {
    if (!isMultipart(req)) return next()
    const whole = (pieces: Buffer[]) => void read.set(req, Buffer.concat(pieces))
    req.toArray().then(whole).then(next, next)
  }
  const parsers = [
    framework.json({ type: ['json', '+json'], strict: false, limit, verify: keep }),
    framework.text({ type: 'text/*', limit, verify: keep }),
    framework.raw({ type: (req) => !isMultipart(req), limit, verify: keep }),
    multipart,
  ]
  const body = (req: Request) =>
    readBody(read.get(req), isMultipart(req) || Buffer.isBuffer(req.body) ? null : req.body)

  const handler =
    (guard: typeof once, owner: (req: Request) => string | null): RequestHandler =>
    (req, res, next) => {
      const answered = charge(runs, {
        query: queryOf(req),
        owner: owner(req),
        grant: guard.grant(req),
        body: body(req),
      })
      // Express 4 does not look at what a handler returns, so a rejection is handed on here.
      if (answered instanceof Promise) return answered.then((answer) => send(answer, res, next)).catch(next)
      return Promise.resolve(send(answered, res, next)).catch(next)
    }
  const queryOf = (req: Request) => new URL(req.originalUrl, 'http://lab').searchParams
  const ownerOf = (req: Request) => auth.grant(req)?.ownerId ?? null

  app.get('/health', (_req, res) => void res.json({ ok: true }))
  app.use('/whoami', auth)
  app.get('/whoami', (req, res) => {
    res.json(caller(auth.grant(req)))
  })
  app.use('/scoped', writer)
  app.post('/scoped/write', (_req, res) => void res.json({ written: true }))

  app.use('/idem', auth, once)
  app
    .route('/idem/charge')
    .get(handler(once, ownerOf))
    .post(parsers, handler(once, ownerOf))
    .patch(parsers, handler(once, ownerOf))
  app.post('/idem/refund', parsers, handler(once, ownerOf))
  app.post('/optional/charge', auth, optional, parsers, handler(optional, ownerOf))
  app.post(
    '/everyone/charge',
    everyone,
    parsers,
    handler(everyone, () => null),
  )
  for (const base of ['/a', '/b']) {
    const router = framework.Router()
    router.use(auth, once)
    router.post('/pay', parsers, handler(once, ownerOf))
    app.use(base, router)
  }
  app.use('/gzip', compression({ threshold: 0 }), auth, once)
  app.post('/gzip/charge', parsers, handler(once, ownerOf))
  app.post(
    '/v1/payment_intents',
    auth,
    optional,
    framework.urlencoded({ extended: true, limit }),
    (req: Request, res: Response, next: NextFunction) => {
      send(paymentIntent(runs, ownerOf(req), req.body ?? {}), res, next)
    },
  )

  for (const [scheme, options] of Object.entries(guards.hooks)) {
    const verified = verifySignature(options.signature)
    const before = latchkey.mount('before', options.before)
    const behind = latchkey.mount('behind', options.behind)
    app.all(
      `/hooks/${scheme}`,
      before,
      verified,
      behind,
      parsers,
      async (req: Request, res: Response, next: NextFunction) => {
        send(await hook(queryOf(req), body(req).sha256, verified.grant(req).id), res, next)
      },
    )
  }
  for (const [name, guard] of Object.entries(guards.remoteHooks)) {
    const verified = latchkey.mount('signature', guard)
    app.post(`/hooks/${name}`, verified, parsers, async (req: Request, res: Response, next: NextFunction) => {
      send(await hook(queryOf(req), body(req).sha256, verified.grant(req).id), res, next)
    })
  }
  const signed = latchkey.mount('signature', httpSignature(guards.httpSignature))
  app.post('/hooks/rfc9421', signed, parsers, async (req: Request, res: Response, next: NextFunction) => {
    send(await hook(queryOf(req), body(req).sha256, signed.grant(req).id), res, next)
  })

  app.get('/lab/runs', (_req, res) => void res.json(runs.show()))
  app.post('/lab/reset', (_req, res) => {
    runs.reset()
    res.json(runs.show())
  })
  app.post('/lab/store', framework.json({ type: () => true }), (req, res) => {
    res.status(faults.inject(req.body) ? 200 : 400).json(faults.show())
  })

  return { server: createServer(app), guards: [once.guard, optional.guard, everyone.guard] }
}

/** Sends the answer in Express's own idiom. */
function send(answer: Answer, res: Response, next: NextFunction): unknown {
  if (answer.kind === 'head-array') return res.writeHead(answer.status, flatHeaders(answer)).end(answer.text)
  for (const [name, value] of answer.headers) res.setHeader(name, value)
  switch (answer.kind) {
    case 'json':
      return res.status(answer.status).json(answer.json)
    case 'text':
      return res.status(answer.status).type('text/plain').send(answer.text)
    case 'bytes':
      return res.status(answer.status).send(answer.bytes)
    case 'empty':
      return res.status(answer.status).end()
    case 'redirect':
      return res.redirect(answer.status, answer.location)
    case 'end':
      res.statusCode = answer.status
      return res.end(answer.text)
    case 'stream':
      res.status(answer.status)
      // A client that goes away ends the pipeline with an error that nobody is left to be told of.
      return pipeline(Readable.from(answer.pieces), res).catch(() => {})
    case 'throw':
      return fail(answer, next)
    case 'never':
      return undefined
  }
}

function fail({ how, status }: Extract<Answer, { kind: 'throw' }>, next: NextFunction): unknown {
  const error = new Error('the handler fails')
  if (how === 'sync') throw error
  if (how === 'async') return Promise.reject(error)
  if (how === 'next') return next(error)
  return next(Object.assign(error, { status, expose: true }))
}
