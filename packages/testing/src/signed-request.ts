import { createHash } from 'node:crypto'
import { type HasScheme, type OutgoingMessage, type Scheme, sign } from '@latchkey/core'
import { enveloped } from './enveloped.js'

/** A message as its sender would send it. */
export interface MessageToSign extends OutgoingMessage {
  /** The sender's secret, or several of which each signs. Of a key pair the private one. */
  readonly secret: string | readonly string[]
  /** Further header fields; schemes that let the sender choose fields sign these. @defaultValue `content-type: application/json` */
  readonly headers?: Readonly<Record<string, string>>
}

/** What to send: the init of a fetch `Request`, and for supertest `.set(headers).send(body)`. */
export interface SignedMessage {
  readonly method: string
  /** Names in lower case. */
  readonly headers: Record<string, string>
  /** Send these bytes and no others: as they were given, or of a scheme with an envelope with the signature in its place. */
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
 * @throws ConfigurationError where the secret cannot sign, or the id is not one; SyntaxError where a scheme keeps its signature in
 * the body, and that is not JSON.
 */
export function signedMessage(
  scheme: Scheme | HasScheme,
  { secret, headers = {}, ...message }: MessageToSign,
): SignedMessage {
  const { envelope } = 'scheme' in scheme ? scheme.scheme : scheme
  const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const signed = sign(scheme, { ...message, headers: lowered }, secret)
  return {
    method: message.method ?? 'POST',
    headers: { 'content-type': 'application/json', ...lowered, ...(envelope === undefined && signed) },
    body: envelope === undefined ? message.body : enveloped(message.body, envelope, signed),
  }
}

/**
 * A request signed as the scheme's provider does, for `fetch` and for apps that take a `Request`. Where the scheme binds the body by
 * its digest in the URL's query, the digest is put there.
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
  const url = withDigest('scheme' in scheme ? scheme.scheme : scheme, message)
  const { method, headers, body } = signedMessage(scheme, { ...message, url })
  // A Request of these methods may have no body.
  const isBodiless = method === 'GET' || method === 'HEAD'
  return new Request(url, { method, headers, ...(!isBodiless && { body }) })
}

function withDigest({ carriers }: Scheme, { url, body }: RequestToSign): string {
  const parameter = carriers[0]?.bodyDigestParameter
  if (parameter === undefined) return url
  const digest = createHash('sha256').update(body).digest('hex')
  return `${url}${url.includes('?') ? '&' : '?'}${parameter}=${digest}`
}
