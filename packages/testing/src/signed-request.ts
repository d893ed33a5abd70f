import { type HasScheme, type OutgoingMessage, type Scheme, sign } from '@latchkey/core'

/** A message as its sender would send it. */
export interface MessageToSign extends OutgoingMessage {
  /** The sender's secret, or several of which each signs. Of a key pair the private one. */
  readonly secret: string | readonly string[]
  /** Further header fields. @defaultValue `content-type: application/json` */
  readonly headers?: Readonly<Record<string, string>>
}

/** What to send: the init of a fetch `Request`, and for supertest `.set(headers).send(body)`. */
export interface SignedMessage {
  readonly method: string
  /** Names in lower case. */
  readonly headers: Record<string, string>
  /** As it was given; send these bytes and no others. */
  readonly body: Uint8Array | string
}

/** A request of a webhook's sender. */
export interface RequestToSign extends MessageToSign {
  /** Absolute: to the server under test; for `app.request` of Hono any host does. */
  readonly url: string
}

/**
 * Signs a message as the scheme's provider does, for clients that take headers and body apart.
 *
 * @example
 * ```ts
 * import { github } from '@latchkey/core'
 * import { signedMessage } from '@latchkey/testing'
 * import type { Express } from 'express'
 * import request from 'supertest'
 *
 * const deliver = (app: Express) => {
 *   const { headers, body } = signedMessage(github, { secret: 'shared', body: '{"action":"opened"}' })
 *   return request(app).post('/hooks/github').set(headers).send(body)
 * }
 * ```
 *
 * @throws ConfigurationError where the secret cannot sign, or the id is not one.
 */
export function signedMessage(
  scheme: Scheme | HasScheme,
  { secret, headers, ...message }: MessageToSign,
): SignedMessage {
  const lowered = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  return {
    method: message.method ?? 'POST',
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(lowered),
      ...sign(scheme, message, secret),
    },
    body: message.body,
  }
}

/**
 * A request signed as the scheme's provider does, for `fetch` and for apps that take a `Request`.
 *
 * @example
 * ```ts
 * import { stripe } from '@latchkey/core'
 * import { signedRequest } from '@latchkey/testing'
 *
 * const url = 'http://localhost/hooks/stripe'
 * const request = signedRequest(stripe, { url, secret: 'whsec_test', body: '{"type":"charge.succeeded"}' })
 * ```
 *
 * @throws ConfigurationError where the secret cannot sign, or the id is not one.
 */
export function signedRequest(scheme: Scheme | HasScheme, message: RequestToSign): Request {
  const { method, headers, body } = signedMessage(scheme, message)
  // A Request of these methods may have no body.
  const isBodiless = method === 'GET' || method === 'HEAD'
  return new Request(message.url, { method, headers, ...(!isBodiless && { body }) })
}
