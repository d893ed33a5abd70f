import { createHmac } from 'node:crypto'
import { freshKey } from './call.js'

/** One delivery as its sender makes it: the fields to send beside the body. */
export type Sender = (body: Uint8Array, delivery?: Delivery) => Readonly<Record<string, string>>

interface Delivery {
  /** The sender's id of the message; retries bear the same. */
  readonly id?: string
  /** Epoch seconds. @defaultValue now */
  readonly at?: number
  readonly secret?: string
}

/** The secret of the lab's Standard Webhooks and Svix routes: 32 bytes, 1 to 32. */
const decoded = Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => index + 1))

/** Senders written from the providers' documents, with nothing of Latchkey in them. */
export const senders = {
  'standard-webhooks': standardWebhooks('webhook'),
  svix: standardWebhooks('svix'),
  github: (body, { secret = 'lab-secret-github' } = {}) => ({
    'X-Hub-Signature-256': `sha256=${hmac(secret, 'hex', body)}`,
    'X-GitHub-Delivery': freshKey(),
    'X-GitHub-Event': 'push',
  }),
  stripe: (body, { at = now(), secret = 'lab-secret-stripe' } = {}) => ({
    'Stripe-Signature': `t=${at},v1=${hmac(secret, 'hex', `${at}.`, body)}`,
  }),
  slack: (body, { at = now(), secret = 'lab-secret-slack' } = {}) => ({
    'X-Slack-Request-Timestamp': String(at),
    'X-Slack-Signature': `v0=${hmac(secret, 'hex', `v0:${at}:`, body)}`,
  }),
  'header-secret': (_body, { secret = 'lab-secret-header-secret' } = {}) => ({ 'X-Webhook-Secret': secret }),
} as const satisfies Record<string, Sender>

function standardWebhooks(prefix: string): Sender {
  return (body, { id = `msg_${freshKey()}`, at = now(), secret } = {}) => ({
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(at),
    [`${prefix}-signature`]: `v1,${hmac(secret ?? decoded, 'base64', `${id}.${at}.`, body)}`,
  })
}

function hmac(secret: string | Uint8Array, encoding: 'hex' | 'base64', ...content: (string | Uint8Array)[]): string {
  const mac = createHmac('sha256', secret)
  for (const part of content) mac.update(part)
  return mac.digest(encoding)
}

export function now(): number {
  return Math.floor(Date.now() / 1000)
}
