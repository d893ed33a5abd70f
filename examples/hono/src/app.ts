import { type Store, standardWebhooks } from '@latchkey/core'
import { apiKeyAuth, idempotency, verifySignature } from '@latchkey/hono'
import { type Bank, type Payments, paymentOrder } from '@latchkey-examples/payments'
import { Hono } from 'hono'
import { type AccountRoutesOptions, accountRoutes } from './account-routes.js'

export interface PaymentsApiOptions extends AccountRoutesOptions {
  readonly store: Store
  readonly payments: Payments
  readonly bank: Bank
  /** The secret that the bank signs its webhooks with, `whsec_…`. */
  readonly webhookSecret: string
}

export interface PaymentsApi {
  readonly app: Hono
  /** Lets no new protected request begin; those that run finish. */
  close(): Promise<void>
}

export function paymentsApi(options: PaymentsApiOptions): PaymentsApi {
  const { keys, store, payments, bank, webhookSecret } = options
  const reader = apiKeyAuth({ keys, scopes: ['payments:read'] })
  const writer = apiKeyAuth({ keys, scopes: ['payments:write'] })
  const once = idempotency({ store, scope: 'caller' })
  const fromBank = verifySignature({ scheme: standardWebhooks({ secrets: [webhookSecret] }), store })

  const app = new Hono()

  app.post('/v1/payments', writer, once, async (c) => {
    const order = paymentOrder(await c.req.json().catch(() => undefined))
    if (order === undefined) return c.json({ error: 'amount and currency are required' }, 422)
    // After a crash the handler may run again: with derived keys the bank and the table recognise the repetition.
    const { derivedKey } = c.var.idempotency
    if ((await bank.charge(order, derivedKey('bank'))) === 'declined')
      return c.json({ error: 'the card was declined' }, 402)
    const payment = await payments.create(`pay_${derivedKey('payment')}`, c.var.apiKey.ownerId, order)
    return c.json(payment, 201, { Location: `/v1/payments/${payment.id}` })
  })

  app.post('/v1/payments/:id/refunds', writer, once, async (c) => {
    const payment = await payments.refund(c.req.param('id'), c.var.apiKey.ownerId)
    return payment === undefined ? c.json({ error: 'no such payment' }, 404) : c.json(payment, 201)
  })

  app.get('/v1/payments/:id', reader, async (c) => {
    const payment = await payments.find(c.req.param('id'), c.var.apiKey.ownerId)
    return payment === undefined ? c.json({ error: 'no such payment' }, 404) : c.json(payment)
  })

  app.get('/v1/payments', reader, async (c) => c.json({ payments: await payments.list(c.var.apiKey.ownerId) }))

  app.post('/webhooks/bank', fromBank, async (c) => {
    const event = await c.req.json().catch(() => undefined)
    if (event?.type === 'payment.settled') await payments.settle(event.paymentId)
    return c.body(null, 204)
  })

  app.route('/', accountRoutes(options))
  return { app, close: () => once.guard.close() }
}
