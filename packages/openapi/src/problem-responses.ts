import { type RefusalCode, refusals } from '@latchkey/core'
import type { JsonObject, ResponseObject, ResponsesObject } from './document.js'

/** The schema of every refusal: a problem document (RFC 9457). An operation tells which codes it can be. */
export const problemSchema: JsonObject = {
  type: 'object',
  description: 'A problem document (RFC 9457). Programs look at `code`.',
  properties: {
    type: { type: 'string', format: 'uri', description: 'The code, as a URI.' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'What to do about it, for people.' },
    code: { type: 'string', description: 'Stable.' },
    retryable: { type: 'boolean', description: 'Whether the same request, sent again unchanged, can succeed.' },
  },
  required: ['type', 'title', 'status', 'code', 'retryable'],
}

/** The header fields that refusals carry. */
export const problemHeaders = {
  'WWW-Authenticate': { description: 'The challenge (RFC 9110 section 11.6.1).', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds after which to try again.', schema: { type: 'integer', minimum: 1 } },
  Allow: { description: 'The methods that are allowed.', schema: { type: 'string' } },
  RateLimit: {
    description: 'What is left, and the seconds until there is more (draft-ietf-httpapi-ratelimit-headers-10).',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'How many requests in how many seconds (draft-ietf-httpapi-ratelimit-headers-10).',
    schema: { type: 'string' },
  },
} as const satisfies Readonly<Record<string, JsonObject>>

/**
 * Responses with these refusals, one a status, from the one table of refusals. They refer to the schema `Problem` and to
 * headers in the components of `openApiGuards`.
 *
 * @example
 * ```ts
 * import { problemResponses } from '@latchkey/openapi'
 *
 * const responses = problemResponses(['request-too-large', 'request-timeout']) // { '408': …, '413': … }
 * ```
 */
export function problemResponses(codes: readonly RefusalCode[]): ResponsesObject {
  const statuses = [...new Set(codes.map((code) => refusals[code].status))].sort()
  return Object.fromEntries(
    statuses.map((status) => [status, problemResponse(codes.filter((code) => refusals[code].status === status))]),
  )
}

/** One response that is any of these refusals, which have the same status. */
function problemResponse(codes: readonly RefusalCode[]): ResponseObject {
  const headers = [...new Set(codes.flatMap(headersOf))]
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
  }
  return {
    description: codes.map((code) => `${refusals[code].title} (\`${code}\`)`).join('; '),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    }),
    content: { 'application/problem+json': { schema } },
  }
}

function headersOf(code: RefusalCode): (keyof typeof problemHeaders)[] {
  const row = refusals[code]
  const isChallenged = row.status === 401 ? code.startsWith('api-key-') : code === 'api-key-insufficient-scope'
  return [
    ...(isChallenged || code === 'api-key-ambiguous' ? (['WWW-Authenticate'] as const) : []),
    ...('retryAfterSeconds' in row || row.status === 429 ? (['Retry-After'] as const) : []),
    ...(row.status === 405 ? (['Allow'] as const) : []),
    ...(code === 'api-key-rate-limited' || code === 'api-key-quota-exceeded'
      ? (['RateLimit', 'RateLimit-Policy'] as const)
      : []),
  ]
}
