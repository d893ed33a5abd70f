import { bodyParser } from '@koa/bodyparser'
import { memoryStore, standardWebhooks } from '@latchkey/core'
import { apiKeyAuth, idempotency, verifySignature } from '@latchkey/koa'
import Koa, { type Context, type Middleware } from 'koa'
import { IdempotencyFloor } from '../floors/idempotency-floor.js'
import { KeyFloor } from '../floors/key-floor.js'
import { TimedFloor } from '../floors/signature-floor.js'
import { receipt } from '../payment.js'
import { sharedKeys, webhookSecret } from './fixtures.js'
import { hello, type Task } from './task.js'

type Variants = Readonly<Record<string, () => Middleware[] | Promise<Middleware[]>>>

const noOp: Middleware = (_ctx, next) => next()

const keys: Variants = {
  bare: () => [],
  'no-op': () => [noOp],
  floor: async () => {
    const floor = new KeyFloor((await sharedKeys()).texts)
    return [
      (ctx, next) => {
        if (floor.verifyBearer(ctx.req.headers.authorization)) return next()
        ctx.status = 401
        return undefined
      },
    ]
  },
  latchkey: async () => [apiKeyAuth({ keys: (await sharedKeys()).keys, scopes: ['payments:read'] })],
}

const parse = bodyParser() as unknown as Middleware

const payments: Variants = {
  bare: () => [parse],
  'no-op': () => [noOp, parse],
  floor: () => {
    const floor = new IdempotencyFloor()
    return [(ctx, next) => atFloor(floor, ctx, next)]
  },
  latchkey: () => [idempotency({ store: memoryStore(), scope: 'everyone' }), parse],
}

const deliveries: Variants = {
  bare: () => [readRaw],
  'no-op': () => [noOp, readRaw],
  floor: () => {
    const floor = new TimedFloor(Buffer.from(webhookSecret, 'base64'), 'base64')
    return [readRaw, (ctx, next) => (isSigned(floor, ctx) ? next() : ctx.throw(401))]
  },
  latchkey: () => [
    verifySignature({ scheme: standardWebhooks({ secrets: [webhookSecret] }), replay: false, maxBodyBytes: 1_048_576 }),
    readRaw,
  ],
}

async function atFloor(floor: IdempotencyFloor, ctx: Context, next: () => Promise<unknown>): Promise<void> {
  const body = await rawBody(ctx)
  const id = floor.id('everyone', String(ctx.req.headers['idempotency-key']))
  const answer = floor.claim(id, body)
  if (typeof answer === 'object') {
    ctx.status = answer.status
    ctx.type = 'json'
    ctx.body = answer.body
    return
  }
  if (answer !== 'run') ctx.throw(409)
  ctx.state.body = JSON.parse(body.toString())
  await next()
  const text = JSON.stringify(ctx.body)
  floor.settle(id, ctx.status, [['content-type', String(ctx.response.get('content-type'))]], Buffer.from(text))
  ctx.type = 'json'
  ctx.body = text
}

function isSigned(floor: TimedFloor, { req, state }: Context): boolean {
  const timestamp = String(req.headers['webhook-timestamp'])
  const signature = String(req.headers['webhook-signature']).slice(3)
  return floor.verify(`${req.headers['webhook-id']}.${timestamp}.`, timestamp, state.body, signature)
}

async function readRaw(ctx: Context, next: () => Promise<unknown>): Promise<void> {
  ctx.state.body = await rawBody(ctx)
  await next()
}

function rawBody({ req }: Context): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    req.on('data', (piece: Buffer) => pieces.push(piece))
    req.on('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)))
    req.on('error', reject)
  })
}

/** A Koa app with one guarded route. */
export async function koaServer(task: Task, variant: string): Promise<Koa> {
  const app = new Koa()
  for (const middleware of await { keys, idempotency: payments, signatures: deliveries }[task][variant]!()) {
    app.use(middleware)
  }
  return app.use((ctx) => {
    ctx.status = task === 'idempotency' ? 201 : 200
    ctx.body = task === 'idempotency' ? receipt : hello
  })
}
