import { hash } from 'node:crypto'
import { memoryStore, standardWebhooks } from '@latchkey/core'
import { apiKeyAuth, idempotency, verifySignature } from '@latchkey/express'
import express, { type RequestHandler } from 'express'
import { idempotency as expressIdempotency, getSharedIdempotencyService } from 'express-idempotency'
import { rateLimit } from 'express-rate-limit'
import passport from 'passport'
import BearerStrategy from 'passport-http-bearer'
import { Webhook } from 'standardwebhooks'
import { KeyFloor } from '../floors/key-floor.js'
import { receipt } from '../payment.js'
import { expressFloor, expressSignatureFloor } from './express-floors.js'
import { nodeIdempotencyMiddleware } from './express-peers.js'
import { sharedKeys, webhookSecret } from './fixtures.js'
import { hello, type Task } from './task.js'

const noOp: RequestHandler = (_req, _res, next) => next()

/** The middleware of a variant, before the one handler. */
type Variants = Readonly<Record<string, () => RequestHandler[] | Promise<RequestHandler[]>>>

const keys: Variants = {
  bare: () => [],
  'no-op': () => [noOp],
  floor: async () => {
    const floor = new KeyFloor((await sharedKeys()).texts)
    return [(req, res, next) => (floor.verifyBearer(req.headers.authorization) ? next() : res.sendStatus(401))]
  },
  latchkey: async () => [apiKeyAuth({ keys: (await sharedKeys()).keys, scopes: ['payments:read'] })],
  'express-rate-limit': () => [rateLimit({ windowMs: 60_000, limit: 1_000_000_000 })],
  'passport-http-bearer': async () => {
    const known = new Set((await sharedKeys()).texts.map((text) => hash('sha256', text, 'base64url')))
    const judge = new BearerStrategy((key, done) =>
      done(null, known.has(hash('sha256', key, 'base64url')) && { id: 'org_1' }),
    )
    return [passport.initialize(), passport.use(judge).authenticate('bearer', { session: false })]
  },
}

const json = express.json()

const payments: Variants = {
  bare: () => [json],
  'no-op': () => [noOp, json],
  floor: () => [expressFloor()],
  latchkey: () => [idempotency({ store: memoryStore(), scope: 'everyone' }), json],
  '@node-idempotency': () => [json, nodeIdempotencyMiddleware()],
  // It goes on to the handler after a replay, too, which has to ask.
  'express-idempotency': () => [
    json,
    expressIdempotency(),
    (req, _res, next) => {
      if (!getSharedIdempotencyService().isHit(req)) next()
    },
  ],
}

const raw = express.raw({ type: () => true, limit: '1mb' })

const deliveries: Variants = {
  bare: () => [raw],
  'no-op': () => [noOp, raw],
  floor: () => [raw, expressSignatureFloor()],
  latchkey: () => [
    verifySignature({ scheme: standardWebhooks({ secrets: [webhookSecret] }), replay: false, maxBodyBytes: 1_048_576 }),
    raw,
  ],
  standardwebhooks: () => {
    const webhook = new Webhook(webhookSecret)
    return [
      raw,
      (req, _res, next) => {
        webhook.verify(req.body, req.headers as Record<string, string>)
        next()
      },
    ]
  },
}

/** An Express app with one guarded route. */
export async function expressServer(task: Task, variant: string): Promise<express.Express> {
  const app = express().disable('x-powered-by')
  const middleware = await { keys, idempotency: payments, signatures: deliveries }[task][variant]!()
  if (task === 'keys') app.get('/', ...middleware, (_req, res) => void res.json(hello))
  else if (task === 'idempotency') app.post('/', ...middleware, (_req, res) => void res.status(201).json(receipt))
  else app.post('/', ...middleware, (_req, res) => void res.status(200).json(hello))
  return app
}
