import type { HttpSignatureFault } from './fault.js'
import {
  type HttpRequest,
  type HttpResponse,
  isFetch,
  type Message,
  requestMessage,
  responseMessage,
} from './http-message.js'
import { keyResolver, type VerificationKeys } from './key-source.js'
import { type HttpSignaturePolicy, policySettings } from './policy.js'
import type { FieldType } from './structured-field.js'
import { type VerifiedSignature, verifyHead } from './verification.js'

/** How a message that is in memory is verified. */
export interface VerifyMessageOptions {
  /** Where keys come from. */
  readonly keys: VerificationKeys
  /** What a signature has to be like to count. */
  readonly policy: HttpSignaturePolicy
  /** Types of structured fields beside the registered ones, for components with `sf`. @defaultValue none */
  readonly fieldTypes?: Readonly<Record<string, FieldType>>
  /** The time to judge by, in epoch milliseconds. @defaultValue the clock's */
  readonly nowMs?: number
}

/** How a response is verified. */
export interface VerifyResponseOptions extends VerifyMessageOptions {
  /** The request that it answers; for components with `req`. @defaultValue `undefined`: such components are absent */
  readonly request?: Request | HttpRequest
}

/** What {@link verifyRequest} and {@link verifyResponse} found. */
export type HttpVerification =
  | {
      readonly isValid: true
      /** Those that were found right, at least one. */
      readonly signatures: readonly VerifiedSignature[]
    }
  | {
      readonly isValid: false
      /** For logs and tests; a client is told nothing. */
      readonly reason: HttpSignatureFault
    }

/**
 * Verifies a request that is in memory: all that the guard `httpSignature` does but the replay window.
 *
 * @example
 * ```ts
 * import { verificationKey, verifyRequest } from '@latchkey/http-signatures'
 *
 * const isGenuine = async (request: Request, secret: string) => {
 *   const keys = verificationKey({ algorithm: 'hmac-sha256', key: secret })
 *   const policy = { required: ['@method', '@target-uri'], maxAgeSeconds: 300, algorithms: ['hmac-sha256'] } as const
 *   return (await verifyRequest(request, { keys, policy })).isValid
 * }
 * ```
 *
 * @throws ConfigurationError by rejection where an option is impossible, and whatever a key resolver throws.
 */
export async function verifyRequest(
  request: Request | HttpRequest,
  options: VerifyMessageOptions,
): Promise<HttpVerification> {
  return verifyMessage('verifyRequest', requestMessage(request), () => bodyOf(request), options)
}

/**
 * Verifies a response, and with it what it says about the request that it answers.
 *
 * @remarks `fetch` hands out inflated bodies: the digest of a response with a content coding does not match there.
 * @throws ConfigurationError by rejection where an option is impossible, and whatever a key resolver throws.
 */
export async function verifyResponse(
  response: Response | HttpResponse,
  options: VerifyResponseOptions,
): Promise<HttpVerification> {
  const message = responseMessage(response, options.request)
  return verifyMessage('verifyResponse', message, () => bodyOf(response), options)
}

async function verifyMessage(
  factory: string,
  message: Message,
  readBody: () => Promise<Uint8Array>,
  { keys, policy, fieldTypes = {}, nowMs = Date.now() }: VerifyMessageOptions,
): Promise<HttpVerification> {
  const rules = { policy: policySettings(factory, policy), keys: keyResolver(keys, factory), fieldTypes }
  const head = await verifyHead(message, rules, nowMs, (work) => work())
  if (typeof head === 'string') return { isValid: false, reason: head }
  if (head.body !== undefined && !head.body.finish(await readBody())) {
    return { isValid: false, reason: 'digest-mismatch' }
  }
  return { isValid: true, signatures: head.signatures }
}

/** The message stays readable: a copy is read. */
export async function bodyOf(message: Request | Response | HttpRequest | HttpResponse): Promise<Uint8Array> {
  if (isFetch(message as Request)) return new Uint8Array(await (message as Request).clone().arrayBuffer())
  const { body = '' } = message as HttpRequest
  return typeof body === 'string' ? Buffer.from(body) : body
}
