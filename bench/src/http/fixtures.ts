import { createHmac } from 'node:crypto'
import { type ApiKeys, apiKeys, memoryStore } from '@latchkey/core'
import { seededRandom } from '@latchkey/testing'
import { paymentText } from '../payment.js'

const presented = 256

/** Keys that every process makes alike, so that a client knows which ones a server knows. */
export async function sharedKeys(): Promise<{ keys: ApiKeys; texts: readonly string[] }> {
  const keys = apiKeys({ store: memoryStore(), prefix: 'acme', random: seededRandom('bench') })
  const texts: string[] = []
  for (let made = 0; made < presented; made++) {
    texts.push((await keys.issue({ ownerId: `org_${made}`, environment: 'live', scopes: ['payments:read'] })).key)
  }
  return { keys, texts }
}

/** Of the one who sends deliveries: 32 bytes in base64. */
export const webhookSecret = Buffer.from('the secret of the bench, for it ').toString('base64')

/** A delivery of about a kibibyte by the rules of Standard Webhooks, signed now. */
export function delivery(id: string): { readonly headers: Record<string, string>; readonly body: Buffer } {
  const body = Buffer.from(JSON.stringify({ type: 'payment.settled', data: [paymentText, paymentText, paymentText] }))
  const timestamp = String(Math.floor(Date.now() / 1000))
  const mac = createHmac('sha256', Buffer.from(webhookSecret, 'base64'))
  const signature = mac.update(`${id}.${timestamp}.`).update(body).digest('base64')
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
  return { headers, body }
}
