import Stripe from 'stripe'
import { expect, it } from 'vitest'
import { faultProxy } from '../faults/fault-proxy.js'
import type { Adapter } from '../lab/options.js'
import { startLab } from '../lab/start.js'

it.each<Adapter>(['express', 'koa', 'hono', 'express4', 'koa2'])(
  "the official Stripe client's own retry gets the one payment intent that was made (%s)",
  async (adapter) => {
    const lab = await startLab({ adapter })
    const proxy = await faultProxy(Number(new URL(lab.url).port))
    proxy.dropReplies()
    const stripe = new Stripe(lab.keys.alice, {
      host: '127.0.0.1',
      port: proxy.port,
      protocol: 'http',
      maxNetworkRetries: 2,
      telemetry: false,
    })
    const intent = await stripe.paymentIntents.create({ amount: 2000, currency: 'eur' })
    expect(intent).toMatchObject({ id: 'pi_1', object: 'payment_intent', amount: 2000, currency: 'eur' })
    expect(intent.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(proxy.dropped()).toBe(1)
    const other = await stripe.paymentIntents.create({ amount: 2000, currency: 'eur' })
    expect(other.id).toBe('pi_2')
    expect((await (await fetch(`${lab.url}/lab/runs`)).json()).total).toBe(2)
    await proxy.close()
    await lab.close()
  },
)
