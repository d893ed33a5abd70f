import { createHash, createHmac, sign as nodeSign } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { type Answer, call, freshKey } from './call.js'
import type { Fields } from './deliveries.js'
import type { Lab } from './lab.js'
import { labKeys } from './lab-keys.js'
import { now } from './senders.js'

/** What a sender posts. */
export interface Post {
  readonly headers: Fields
  readonly body: Buffer
}

/** What is said otherwise than it usually is. */
export interface Otherwise {
  /** Epoch seconds. @defaultValue now */
  readonly at?: number
  readonly id?: string
  readonly body?: Buffer
  /** Header fields, members of the body of Amazon SNS, or claims; what is `undefined` is left out. */
  readonly fields?: Readonly<Record<string, string | number | boolean | undefined>>
  /** The protected header of a token. */
  readonly protectedHeader?: Readonly<Record<string, unknown>>
}

/** Senders whose keys are fetched, written from their documents, with nothing of Latchkey in them. */
export const remoteSenders = { paypal, sns, plaid, fusionauth, netlify, 'google-pubsub': googlePubSub } as const

export type RemoteSender = keyof typeof remoteSenders

/** Posts what a sender has signed to its route. */
export function postFrom(lab: Lab, name: RemoteSender, { headers, body }: Post, query = ''): Promise<Answer> {
  return call(lab, `POST /hooks/${name}${query}`, { headers, body, type: String(headers['content-type']) })
}

function freshBody(): Buffer {
  return Buffer.from(JSON.stringify({ id: freshKey() }))
}

function rsa(hash: 'sha1' | 'sha256', content: string): string {
  return nodeSign(hash, Buffer.from(content), labKeys.rsa).toString('base64')
}

function paypal({ at = now(), id = freshKey(), body = freshBody(), fields = {} }: Otherwise = {}): Post {
  const time = new Date(at * 1000).toISOString().replace('.000Z', 'Z')
  const headers = {
    'paypal-transmission-id': id,
    'paypal-transmission-time': time,
    'paypal-transmission-sig': rsa('sha256', `${id}|${time}|LABWEBHOOK|${crc32(body)}`),
    'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-lab',
    'paypal-auth-algo': 'SHA256withRSA',
    'content-type': 'application/json',
    ...fields,
  }
  return { headers: present(headers), body }
}

function sns({ at = now(), id = freshKey(), fields = {} }: Otherwise = {}): Post {
  const { topic = 'arn:aws:sns:us-east-1:123456789012:lab', version = '2', ...others } = fields
  const signed = {
    Message: JSON.stringify({ id }),
    MessageId: id,
    Subject: 'from the suite',
    Timestamp: new Date(at * 1000).toISOString(),
    TopicArn: String(topic),
    Type: 'Notification',
  }
  const content = Object.entries(signed).map(([name, value]) => `${name}\n${value}\n`)
  const members = {
    ...signed,
    SignatureVersion: version,
    Signature: rsa(version === '1' ? 'sha1' : 'sha256', content.join('')),
    SigningCertURL: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-lab.pem',
    UnsubscribeURL: 'https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe',
    ...others,
  }
  const headers = {
    'content-type': 'text/plain; charset=UTF-8',
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-message-id': id,
    'x-amz-sns-topic-arn': 'arn:aws:sns:us-east-1:123456789012:lab',
  }
  return { headers, body: Buffer.from(JSON.stringify(members)) }
}

function plaid({ at = now(), body = freshBody(), fields = {}, protectedHeader = {} }: Otherwise = {}): Post {
  const claims = { iat: at, request_body_sha256: digest(body, 'hex'), ...fields }
  return tokenPost('plaid-verification', { alg: 'ES256', kid: 'lab-key', ...protectedHeader }, claims, body)
}

function fusionauth({ body = freshBody(), fields = {}, protectedHeader = {} }: Otherwise = {}): Post {
  const claims = { request_body_sha256: digest(body, 'base64'), ...fields }
  return tokenPost('x-fusionauth-signature-jwt', { alg: 'RS256', kid: 'lab-key', ...protectedHeader }, claims, body)
}

function netlify({ body = freshBody(), fields = {}, protectedHeader = {} }: Otherwise = {}): Post {
  const claims = { iss: 'netlify', sha256: digest(body, 'hex'), ...fields }
  return tokenPost('x-webhook-signature', { alg: 'HS256', ...protectedHeader }, claims, body)
}

function googlePubSub({ at = now(), body = freshBody(), fields = {}, protectedHeader = {} }: Otherwise = {}): Post {
  const claims = {
    aud: 'https://lab.test/hooks/google-pubsub',
    azp: '113774264463038321964',
    email: 'lab@project.iam.gserviceaccount.com',
    email_verified: true,
    exp: at + 3600,
    iat: at,
    iss: 'https://accounts.google.com',
    ...fields,
  }
  return tokenPost('authorization', { alg: 'RS256', kid: 'lab-key', ...protectedHeader }, claims, body, 'Bearer ')
}

/** A JSON Web Token in compact form (RFC 7515 section 7.1), signed as its header says. */
function tokenPost(field: string, header: Record<string, unknown>, claims: object, body: Buffer, prefix = ''): Post {
  const content = [{ typ: 'JWT', ...header }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const input = content.join('.')
  return {
    headers: {
      [field]: `${prefix}${input}.${tokenSignature(String(header.alg), input)}`,
      'content-type': 'application/json',
    },
    body,
  }
}

function tokenSignature(algorithm: string, input: string): string {
  switch (algorithm) {
    case 'ES256':
      return nodeSign('sha256', Buffer.from(input), { key: labKeys.p256, dsaEncoding: 'ieee-p1363' }).toString(
        'base64url',
      )
    case 'RS256':
      return nodeSign('sha256', Buffer.from(input), labKeys.rsa).toString('base64url')
    case 'HS256':
      return createHmac('sha256', 'lab-secret-netlify').update(input).digest('base64url')
    default:
      return ''
  }
}

function digest(body: Uint8Array, encoding: 'hex' | 'base64'): string {
  return createHash('sha256').update(body).digest(encoding)
}

function present(fields: Readonly<Record<string, string | number | boolean | undefined>>): Record<string, string> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}
