import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import { type Store, standardWebhooks } from '@latchkey/core'
import { apiKeyAuth, idempotency, verifySignature } from '@latchkey/koa'
import { type Bank, type Payments, paymentOrder } from '@latchkey-examples/payments'
import Koa from 'koa'
import { type AccountRoutesOptions, accountRoutes } from './account-routes.js'

export interface PaymentsApiOptions extends AccountRoutesOptions {
  readonly store: Store
  readonly payments: Payments
  readonly bank: Bank
  /** The secret that the bank signs its webhooks with, `whsec_…`. */
  readonly webhookSecret: string
}

export interface PaymentsApi {
  readonly app: Koa
  /** Lets no new protected request begin; those that run finish. */
  close(): Promise<void>
}

export function paymentsApi(options: PaymentsApiOptions): PaymentsApi {
  const { keys, store, payments, bank, webhookSecret } = options
  const reader = apiKeyAuth({ keys, scopes: ['payments:read'] })
  const writer = apiKeyAuth({ keys, scopes: ['payments:write'] })
  const once = idempotency({ store, scope: 'caller' })
  const fromBank = verifySignature({ scheme: standardWebhooks({ secrets: [webhookSecret] }), store })

  const router = new Router()

  // Guards stand before the body parser: they see the bytes that were sent, and the parser reads the same bytes after them.
  router.post('/v1/payments', writer, once, bodyParser(), async (ctx) => {
    const order = paymentOrder(ctx.request.body)
    if (order === undefined) {
      ctx.status = 422
      ctx.body = { error: 'amount and currency are required' }
      return
    }
    // After a crash the handler may run again: with derived keys the bank and the table recognise the repetition.
    const { derivedKey } = once.grant(ctx)
    if ((await bank.charge(order, derivedKey('bank'))) === 'declined') {
      ctx.status = 402
      ctx.body = { error: 'the card was declined' }
      return
    }
    const payment = await payments.create(`pay_${derivedKey('payment')}`, writer.grant(ctx).ownerId, order)
    ctx.status = 201
    ctx.set('Location', `/v1/payments/${payment.id}`)
    ctx.body = payment
  })

  router.post('/v1/payments/:id/refunds', writer, once, async (ctx) => {
    const payment = await payments.refund(ctx.params.id ?? '', writer.grant(ctx).ownerId)
    ctx.status = payment === undefined ? 404 : 201
    ctx.body = payment ?? { error: 'no such payment' }
  })

  router.get('/v1/payments/:id', reader, async (ctx) => {
    const payment = await payments.find(ctx.params.id ?? '', reader.grant(ctx).ownerId)
    ctx.status = payment === undefined ? 404 : 200
    ctx.body = payment ?? { error: 'no such payment' }
  })

  router.get('/v1/payments', reader, async (ctx) => {
    ctx.body = { payments: await payments.list(reader.grant(ctx).ownerId) }
  })

  router.post('/webhooks/bank', fromBank, bodyParser(), async (ctx) => {
    const event = ctx.request.body as { type?: string; paymentId: string } | undefined
    if (event?.type === 'payment.settled') await payments.settle(event.paymentId)
    ctx.status = 204
  })

  const app = new Koa()
  app.use(router.routes())
  app.use(accountRoutes(options).routes())
  return { app, close: () => once.guard.close() }
}
