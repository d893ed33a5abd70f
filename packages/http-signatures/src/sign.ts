import type { MessageHeaders } from '@latchkey/core'
import type { DigestAlgorithm } from './content-digest.js'
import { type HttpRequest, type HttpResponse, isFetch, requestMessage, responseMessage } from './http-message.js'
import type { SigningKey } from './key.js'
import { type SignedFields, signedFields } from './signed-fields.js'
import type { FieldType } from './structured-field.js'
import { bodyOf } from './verify.js'

/** How a message is signed. */
export interface SignMessageOptions {
  readonly key: SigningKey
  /**
   * What is covered, in this order: `@method`, `content-digest`, `@query-param;name="id"`. Where `content-digest` is among them and
   * the message has none, it is made.
   */
  readonly components: readonly string[]
  /** The name of this signature in the message. @defaultValue `'sig1'` */
  readonly label?: string
  /** Seconds after which nobody may take it any more. @defaultValue `undefined`: no `expires` */
  readonly expiresInSeconds?: number
  /** `true`: 128 random bits; or a text of one's own, which must never come twice. @defaultValue `undefined`: no `nonce` */
  readonly nonce?: true | string
  /** What the signature is for. @defaultValue `undefined`: no `tag` */
  readonly tag?: string
  /** Whether the algorithm is named in the message. Verifiers know it from the key. @defaultValue `false` */
  readonly namesAlgorithm?: boolean
  /** The digest that is made. @defaultValue `'sha-256'` */
  readonly digest?: DigestAlgorithm
  /** Types of structured fields beside the registered ones, for components with `sf`. @defaultValue none */
  readonly fieldTypes?: Readonly<Record<string, FieldType>>
  /** The time of the signature, in epoch milliseconds. @defaultValue the clock's */
  readonly nowMs?: number
}

/** How a response is signed. */
export interface SignResponseOptions extends SignMessageOptions {
  /** The request that it answers; for components with `req`. */
  readonly request?: Request | HttpRequest
}

/**
 * The request with a signature, beside those that it has. The one that was given stays as it is.
 *
 * @example
 * ```ts
 * import { signingKey, signRequest } from '@latchkey/http-signatures'
 *
 * const send = async (privateKey: string, body: string) => {
 *   const request = new Request('https://api.example.com/payments', { method: 'POST', body })
 *   const key = signingKey({ algorithm: 'ed25519', key: privateKey, keyid: 'ours-2026' })
 *   return fetch(await signRequest(request, { key, components: ['@method', '@target-uri', 'content-digest'] }))
 * }
 * ```
 *
 * @throws ConfigurationError by rejection where a component is not in the message, or the label is taken.
 */
export async function signRequest(request: Request, options: SignMessageOptions): Promise<Request>
export async function signRequest<Given extends HttpRequest>(
  request: Given,
  options: SignMessageOptions,
): Promise<Given>
export async function signRequest(
  request: Request | HttpRequest,
  options: SignMessageOptions,
): Promise<Request | HttpRequest> {
  const fields = await signedFields('signRequest', requestMessage(request), () => bodyOf(request), options)
  if (!isFetch(request)) return { ...request, headers: withFields(request.headers, fields) }
  const signed = new Request(request.clone())
  for (const [name, value] of Object.entries(fields)) signed.headers.set(name, value)
  return signed
}

/**
 * The response with a signature, beside those that it has. The one that was given stays as it is.
 *
 * @throws ConfigurationError by rejection where a component is not in the message, or the label is taken.
 */
export async function signResponse(response: Response, options: SignResponseOptions): Promise<Response>
export async function signResponse<Given extends HttpResponse>(
  response: Given,
  options: SignResponseOptions,
): Promise<Given>
export async function signResponse(
  response: Response | HttpResponse,
  options: SignResponseOptions,
): Promise<Response | HttpResponse> {
  const message = responseMessage(response, options.request)
  const fields = await signedFields('signResponse', message, () => bodyOf(response), options)
  if (!isFetch(response)) return { ...response, headers: withFields(response.headers, fields) }
  const copy = response.clone()
  const signed = new Response(copy.body, copy)
  for (const [name, value] of Object.entries(fields)) signed.headers.set(name, value)
  return signed
}

/** Field names are known in any case. */
function withFields(headers: MessageHeaders, fields: SignedFields): MessageHeaders {
  const kept = Object.entries(headers).filter(([name]) => !Object.hasOwn(fields, name.toLowerCase()))
  return { ...Object.fromEntries(kept), ...fields }
}
