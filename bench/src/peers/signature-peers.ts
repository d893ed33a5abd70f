import { verify } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { Webhook as SvixWebhook } from 'svix'
import type { Delivery } from '../deliveries.js'
import type { Contender } from '../interleave.js'

export function octokit(secret: string, { headers, body }: Delivery): Contender {
  const field = headers['x-hub-signature-256']!
  const text = body.toString()
  return {
    name: '@octokit/webhooks-methods',
    kind: 'peer',
    remark: 'takes the body as text, decoded beforehand; no id',
    run: () => verify(secret, text, field),
  }
}

export function stripe(secret: string, { headers, body }: Delivery): Contender {
  const { webhooks } = new Stripe('sk_test_of_the_bench')
  const field = headers['stripe-signature']!
  return {
    name: 'stripe constructEvent()',
    kind: 'peer',
    remark: 'parses the JSON too',
    run: () => webhooks.constructEvent(body, field, secret),
  }
}

export function standardWebhooksPeers(secret: string, { headers, body }: Delivery): readonly Contender[] {
  const standard = new Webhook(secret)
  const svix = new SvixWebhook(secret)
  const remark = 'decodes the body to text, hashes in JavaScript, parses the JSON too'
  return [
    { name: 'standardwebhooks', kind: 'peer', remark, run: () => standard.verify(body, headers) },
    { name: 'svix', kind: 'peer', remark, run: () => svix.verify(body, headers) },
  ]
}
