import type { Reply, ReplyHeaders } from './guard.js'

interface CodeRow {
  readonly status: number
  readonly title: string
  /** Whether the same request, sent again unchanged, can succeed. */
  readonly retryable: boolean
  /** Default `Retry-After` in seconds. */
  readonly retryAfterSeconds?: number
}

/** The one table of refusals: every stable code, its status and its title. */
export const refusals = {
  'api-key-missing': { status: 401, title: 'An API key is required', retryable: false },
  'api-key-ambiguous': { status: 400, title: 'More than one API key was presented', retryable: false },
  'api-key-invalid': { status: 401, title: 'The API key is not valid', retryable: false },
  'api-key-revoked': { status: 401, title: 'The API key has been revoked', retryable: false },
  'api-key-disabled': { status: 401, title: 'The API key is disabled', retryable: false },
  'api-key-expired': { status: 401, title: 'The API key has expired', retryable: false },
  'api-key-environment-mismatch': {
    status: 403,
    title: 'The API key belongs to another environment',
    retryable: false,
  },
  'api-key-ip-not-allowed': {
    status: 403,
    title: 'The API key may not be used from this address',
    retryable: false,
  },
  'api-key-rate-limited': { status: 429, title: 'The API key is used too often', retryable: true },
  'api-key-insufficient-scope': { status: 403, title: 'The API key lacks a required scope', retryable: false },
  'api-key-quota-exceeded': { status: 429, title: 'The quota of the API key is used up', retryable: false },
  'too-many-failed-attempts': { status: 429, title: 'Too many invalid API keys from this source', retryable: true },
  'https-required': { status: 403, title: 'HTTPS is required', retryable: false },
  'api-key-store-unavailable': {
    status: 503,
    title: 'API keys cannot be verified at the moment',
    retryable: true,
    retryAfterSeconds: 1,
  },
  'idempotency-key-missing': { status: 400, title: 'Idempotency-Key is missing', retryable: false },
  'idempotency-key-invalid': { status: 400, title: 'Idempotency-Key is not valid', retryable: false },
  'idempotency-key-expired': { status: 400, title: 'Idempotency-Key is too old', retryable: false },
  'idempotency-in-progress': {
    status: 409,
    title: 'A request is outstanding for this Idempotency-Key',
    retryable: true,
    retryAfterSeconds: 1,
  },
  'idempotency-lease-lost': {
    status: 409,
    title: 'Another attempt has taken over this Idempotency-Key',
    retryable: true,
    retryAfterSeconds: 1,
  },
  'idempotency-outcome-unknown': {
    status: 409,
    title: 'The outcome of the first request is unknown',
    retryable: false,
  },
  'idempotency-response-unavailable': {
    status: 409,
    title: 'The request was carried out but its response was not kept',
    retryable: false,
  },
  'idempotency-key-reused': { status: 422, title: 'Idempotency-Key is already used', retryable: false },
  'idempotency-store-unavailable': {
    status: 503,
    title: 'Idempotency cannot be ensured at the moment',
    retryable: true,
    retryAfterSeconds: 1,
  },
  'request-too-large': { status: 413, title: 'The request body is too large', retryable: false },
  'request-timeout': { status: 408, title: 'The request body did not arrive in time', retryable: true },
  'signature-invalid': { status: 401, title: 'The signature is not valid', retryable: false },
  'signature-replayed': { status: 409, title: 'This message has been handled already', retryable: false },
  'signature-unavailable': {
    status: 503,
    title: 'Signatures cannot be verified at the moment',
    retryable: true,
    retryAfterSeconds: 1,
  },
  'management-request-invalid': { status: 400, title: 'The request about API keys is not valid', retryable: false },
  'management-forbidden': { status: 403, title: 'This may not be done to API keys', retryable: false },
  'management-not-found': { status: 404, title: 'There is no such API key', retryable: false },
  'management-method-not-allowed': { status: 405, title: 'The method is not allowed here', retryable: false },
  'management-conflict': { status: 409, title: 'The state of the API key does not allow it', retryable: false },
  'management-media-type': { status: 415, title: 'The request body must be JSON', retryable: false },
  'management-unavailable': {
    status: 503,
    title: 'API keys cannot be managed at the moment',
    retryable: true,
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, CodeRow>

/** A stable code of {@link refusals}. */
export type RefusalCode = keyof typeof refusals

/** A problem of one's own: everything that {@link problem} writes. */
export interface ProblemDetails {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail?: string
  /** Default: `urn:latchkey:<code>`. */
  readonly type?: string
  /** Further members of the body (RFC 9457 section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>
  /** Further header fields, names in lower case. */
  readonly headers?: ReplyHeaders
}

const utf8 = new TextEncoder()

/**
 * A problem+json reply (RFC 9457): `cache-control: no-store`, header fields in alphabetical order, so that its bytes are the
 * same on every framework.
 */
export function problem(details: ProblemDetails): Reply {
  const { status, code, title, detail, members } = details
  const type = details.type ?? `urn:latchkey:${code}`
  const body = utf8.encode(JSON.stringify({ type, title, status, detail, code, ...members }))
  const headers: (readonly [string, string])[] = [
    ['cache-control', 'no-store'],
    ['content-length', String(body.length)],
    ['content-type', 'application/problem+json'],
    ...(details.headers ?? []),
  ]
  headers.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return { status, headers, body }
}

/** What a guard adds to a row of the table. */
export interface RefusalOptions {
  readonly detail: string
  /** Documentation base; the code is appended. Where set, 400, 409 and 422 also carry `link: <…>; rel="describedby"`. */
  readonly problemBaseUrl?: string | undefined
  /** Seconds, rounded up and at least 1; overrides the table's. */
  readonly retryAfterSeconds?: number
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: ReplyHeaders
}

const described: ReadonlySet<number> = new Set([400, 409, 422])

/** The reply of one row of {@link refusals}. */
export function refusal(code: RefusalCode, options: RefusalOptions): Reply {
  const row: CodeRow = refusals[code]
  const { detail, problemBaseUrl, members } = options
  const headers = [...(options.headers ?? [])]
  const type = problemBaseUrl === undefined ? `urn:latchkey:${code}` : problemBaseUrl + code
  if (problemBaseUrl !== undefined && described.has(row.status)) headers.push(['link', `<${type}>; rel="describedby"`])
  const retryAfter = options.retryAfterSeconds ?? row.retryAfterSeconds
  if (retryAfter !== undefined) headers.push(['retry-after', String(Math.max(1, Math.ceil(retryAfter)))])
  return problem({
    status: row.status,
    code,
    title: row.title,
    detail,
    type,
    members: { retryable: row.retryable, ...members },
    headers,
  })
}
