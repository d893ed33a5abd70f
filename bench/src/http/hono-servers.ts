import { hash } from 'node:crypto'
import { memoryStore, standardWebhooks } from '@latchkey/core'
import { apiKeyAuth, idempotency, verifySignature } from '@latchkey/hono'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { IdempotencyFloor } from '../floors/idempotency-floor.js'
import { KeyFloor } from '../floors/key-floor.js'
import { TimedFloor } from '../floors/signature-floor.js'
import { receipt } from '../payment.js'
import { sharedKeys, webhookSecret } from './fixtures.js'
import { hello, type Task } from './task.js'

type Variants = Readonly<Record<string, () => MiddlewareHandler | Promise<MiddlewareHandler>>>

const noOp: MiddlewareHandler = (_c, next) => next()

const keys: Variants = {
  'no-op': () => noOp,
  floor: async () => {
    const floor = new KeyFloor((await sharedKeys()).texts)
    return async (c, next) => {
      if (!floor.verifyBearer(c.req.header('authorization'))) return c.body(null, 401)
      return next()
    }
  },
  latchkey: async () => apiKeyAuth({ keys: (await sharedKeys()).keys, scopes: ['payments:read'] }),
  'bearerAuth({ verifyToken })': async () => {
    const known = new Set((await sharedKeys()).texts.map((text) => hash('sha256', text, 'base64url')))
    return bearerAuth({ verifyToken: (key) => known.has(hash('sha256', key, 'base64url')) })
  },
  'bearerAuth({ token })': async () => bearerAuth({ token: [...(await sharedKeys()).texts.slice(0, 1)] }),
}

const payments: Variants = {
  'no-op': () => noOp,
  floor: () => {
    const floor = new IdempotencyFloor()
    return (c, next) => atFloor(floor, c, next)
  },
  latchkey: () => idempotency({ store: memoryStore(), scope: 'everyone' }),
}

const deliveries: Variants = {
  'no-op': () => noOp,
  floor: () => {
    const floor = new TimedFloor(Buffer.from(webhookSecret, 'base64'), 'base64')
    return async (c, next) => {
      const timestamp = c.req.header('webhook-timestamp') ?? ''
      const body = Buffer.from(await c.req.arrayBuffer())
      const signature = (c.req.header('webhook-signature') ?? '').slice(3)
      const isSigned = floor.verify(`${c.req.header('webhook-id')}.${timestamp}.`, timestamp, body, signature)
      return isSigned ? next() : c.body(null, 401)
    }
  },
  latchkey: () => verifySignature({ scheme: standardWebhooks({ secrets: [webhookSecret] }), replay: false }),
}

/** Taps `c.json`, so that the response stays what the server writes fastest. */
async function atFloor(floor: IdempotencyFloor, c: Context, next: () => Promise<void>): Promise<Response | undefined> {
  const body = Buffer.from(await c.req.arrayBuffer())
  const id = floor.id('everyone', c.req.header('idempotency-key') ?? '')
  const answer = floor.claim(id, body)
  if (typeof answer === 'object') {
    return c.body(answer.body as Buffer<ArrayBuffer>, answer.status as 201, { 'content-type': 'application/json' })
  }
  if (answer !== 'run') return c.body(null, 409)
  c.json = ((value: unknown, status: 201) => {
    const text = JSON.stringify(value)
    floor.settle(id, status, [['content-type', 'application/json']], Buffer.from(text))
    return c.body(text, status, { 'content-type': 'application/json' })
  }) as unknown as typeof c.json
  await next()
  return undefined
}

/** A Hono app with one guarded route. */
export async function honoServer(task: Task, variant: string): Promise<Hono> {
  const app = new Hono()
  const guard = { keys, idempotency: payments, signatures: deliveries }[task][variant]
  if (variant !== 'bare') app.use(await guard!())
  if (task === 'keys') return app.get('/', (c) => c.json(hello))
  if (task === 'signatures') {
    return app.post('/', async (c) => {
      await c.req.arrayBuffer()
      return c.json(hello)
    })
  }
  return app.post('/', async (c) => {
    await c.req.json()
    return c.json(receipt, 201)
  })
}
