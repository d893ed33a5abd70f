import { base64url } from '../../bytes.js'
import { digestText, hasher, hmacHasher } from '../../crypto.js'
import { ConfigurationError } from '../../errors.js'
import type { Awaitable, GuardRequest } from '../../guard.js'
import { lengthPrefixed, secretBytes } from '../record-id.js'
import { canonicalJson } from './json.js'
import { formParts } from './multipart.js'

/**
 * What of a body decides whether two requests ask for the same: a text or bytes that stand for it. Method, path, query,
 * content type and the named headers count besides, whatever it answers.
 */
export type BodyFingerprint = (request: GuardRequest, body: Uint8Array) => Awaitable<string | Uint8Array>

/** How a request is fingerprinted. */
export interface FingerprintOptions {
  readonly body: 'json' | 'raw' | BodyFingerprint
  /** Names in lower case. */
  readonly headers: readonly string[]
  readonly secret: Uint8Array | string | undefined
}

/**
 * The digest of what a request asks for: method, full path, query, content-type essence, `Content-Encoding`, the named
 * headers and the body, each length-prefixed; 43 base64url characters.
 */
export function fingerprintOf(request: GuardRequest, body: Uint8Array, options: FingerprintOptions): Awaitable<string> {
  const how = options.body
  if (typeof how !== 'function') return fingerprint(request, coveredBody(request, body, how), options)
  return ownBody(request, body, how).then((own) => fingerprint(request, { as: 'own', pieces: [own] }, options))
}

/** The pieces that follow the length-prefixed parts; `as` keeps apart what different readings of a body yield. */
interface CoveredBody {
  readonly as: 'json' | 'form' | 'raw' | 'own'
  readonly pieces: readonly (string | Uint8Array)[]
}

function fingerprint(request: GuardRequest, body: CoveredBody, options: FingerprintOptions): string {
  const { headers } = request
  const { path, query } = targetOf(request.url)
  const type = essenceOf(headers.get('content-type') ?? '')
  const parts = [
    'latchkey fingerprint 1',
    ...[request.method, path, query, type, JSON.stringify(headers.get('content-encoding'))],
    ...options.headers.flatMap((name) => [name, JSON.stringify(headers.get(name))]),
    body.as,
  ]
  const { secret } = options
  const [piece] = body.pieces
  // A text that is hashed at once costs a third of one that is fed.
  if (secret === undefined && body.pieces.length === 1 && typeof piece === 'string') {
    return digestText('sha256', lengthPrefixed(parts) + piece, 'base64url')
  }
  const hash = secret === undefined ? hasher('sha256') : hmacHasher('sha256', secretBytes(secret))
  hash.update(lengthPrefixed(parts))
  for (const piece of body.pieces) hash.update(piece)
  return base64url(hash.digest())
}

function coveredBody(request: GuardRequest, body: Uint8Array, how: 'json' | 'raw'): CoveredBody {
  const raw: CoveredBody = { as: 'raw', pieces: [body] }
  // A coded body is bytes: to decode it here would be to trust its length.
  if (how === 'raw' || request.headers.get('content-encoding') !== null) return raw
  const contentType = request.headers.get('content-type') ?? ''
  const essence = essenceOf(contentType)
  if (essence === 'application/json' || essence.endsWith('+json')) {
    const canonical = canonicalJson(body)
    return canonical === undefined ? raw : { as: 'json', pieces: [canonical] }
  }
  if (essence !== 'multipart/form-data') return raw
  const form = formParts(body, contentType)
  if (form === undefined) return raw
  return {
    as: 'form',
    pieces: form.flatMap((part) => [lengthPrefixed([part.head, String(part.bytes.length)]), part.bytes]),
  }
}

async function ownBody(request: GuardRequest, body: Uint8Array, own: BodyFingerprint): Promise<string | Uint8Array> {
  const answer: unknown = await own(request, body)
  if (typeof answer === 'string' || answer instanceof Uint8Array) return answer
  throw new ConfigurationError(
    'invalid-option',
    `idempotency: the function given as "fingerprint" must answer a string or a Uint8Array, it answered ${typeof answer}`,
  )
}

/** The media type without parameters (RFC 9110 section 8.3.1), in lower case. */
function essenceOf(contentType: string): string {
  const semicolon = contentType.indexOf(';')
  return (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase()
}

/** Path and query of an absolute URL, as they were sent: sliced, because a parser would normalise, or throw on odd hosts. */
function targetOf(url: string): { path: string; query: string } {
  const scheme = url.indexOf('://')
  const authority = scheme < 0 ? 0 : scheme + 3
  const offset = url.slice(authority).search(/[/?#]/)
  const target = offset < 0 ? '' : url.slice(authority + offset)
  const mark = target.indexOf('?')
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark) }
}
