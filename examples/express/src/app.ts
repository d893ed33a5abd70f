import { type Store, standardWebhooks } from '@latchkey/core'
import { apiKeyAuth, idempotency, verifySignature } from '@latchkey/express'
import { type Bank, type Payments, paymentOrder } from '@latchkey-examples/payments'
import express, { type Express } from 'express'
import { type AccountRoutesOptions, accountRoutes } from './account-routes.js'

export interface PaymentsApiOptions extends AccountRoutesOptions {
  readonly store: Store
  readonly payments: Payments
  readonly bank: Bank
  /** The secret that the bank signs its webhooks with, `whsec_…`. */
  readonly webhookSecret: string
}

export interface PaymentsApi {
  readonly app: Express
  /** Lets no new protected request begin; those that run finish. */
  close(): Promise<void>
}

export function paymentsApi(options: PaymentsApiOptions): PaymentsApi {
  const { keys, store, payments, bank, webhookSecret } = options
  const reader = apiKeyAuth({ keys, scopes: ['payments:read'] })
  const writer = apiKeyAuth({ keys, scopes: ['payments:write'] })
  const once = idempotency({ store, scope: 'caller' })
  const fromBank = verifySignature({ scheme: standardWebhooks({ secrets: [webhookSecret] }), store })

  const app = express()

  // Guards stand before the body parser: they see the bytes that were sent, and the parser reads the same bytes after them.
  app.post('/v1/payments', writer, once, express.json(), async (req, res) => {
    const order = paymentOrder(req.body)
    if (order === undefined) return void res.status(422).json({ error: 'amount and currency are required' })
    // After a crash the handler may run again: with derived keys the bank and the table recognise the repetition.
    const { derivedKey } = once.grant(req)
    if ((await bank.charge(order, derivedKey('bank'))) === 'declined') {
      return void res.status(402).json({ error: 'the card was declined' })
    }
    const payment = await payments.create(`pay_${derivedKey('payment')}`, writer.grant(req).ownerId, order)
    res.status(201).location(`/v1/payments/${payment.id}`).json(payment)
  })

  app.post('/v1/payments/:id/refunds', writer, once, async (req, res) => {
    const payment = await payments.refund(req.params.id, writer.grant(req).ownerId)
    if (payment === undefined) return void res.status(404).json({ error: 'no such payment' })
    res.status(201).json(payment)
  })

  app.get('/v1/payments/:id', reader, async (req, res) => {
    const payment = await payments.find(req.params.id, reader.grant(req).ownerId)
    if (payment === undefined) return void res.status(404).json({ error: 'no such payment' })
    res.json(payment)
  })

  app.get('/v1/payments', reader, async (req, res) => {
    res.json({ payments: await payments.list(reader.grant(req).ownerId) })
  })

  app.post('/webhooks/bank', fromBank, express.json(), async (req, res) => {
    if (req.body?.type === 'payment.settled') await payments.settle(req.body.paymentId)
    res.status(204).end()
  })

  app.use(accountRoutes(options))
  return { app, close: () => once.guard.close() }
}
