import type { ReplyHeaders } from '../../guard.js'

/** Fields that only the guard may set; a handler's own are stripped from every reply. */
export const markers = ['idempotent-replayed', 'idempotency-status'] as const

/**
 * Fields that belong to one response and would be wrong in another: to a session, a moment, a connection, an attempt at
 * authentication, a rate limit or a trace.
 */
const dropped: ReadonlySet<string> = new Set([
  ...markers,
  'set-cookie',
  'date',
  'server',
  'content-length',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
  'retry-after',
  'request-id',
  'correlation-id',
  'x-request-id',
  'x-correlation-id',
  'x-trace-id',
  'x-amzn-requestid',
  'x-amzn-trace-id',
  'x-cloud-trace-context',
  'traceparent',
  'tracestate',
  'traceresponse',
  'cf-ray',
])

/** Prefixes of such fields: rate limits, proxies, and CORS, which answers to the origin that asks. */
const droppedPrefixes = ['proxy-', 'ratelimit', 'x-ratelimit', 'x-rate-limit', 'access-control-'] as const

/** The fields of a reply that are stored and replayed: all but those that belong to one response. Names are in lower case. */
export function keptHeaders(headers: ReplyHeaders): ReplyHeaders {
  const named = connectionOptions(headers)
  return headers.filter(
    ([name]) =>
      !dropped.has(name) && named?.has(name) !== true && !droppedPrefixes.some((prefix) => name.startsWith(prefix)),
  )
}

/** The names that `Connection` lists: those fields are hop-by-hop too (RFC 9110 section 7.6.1). */
function connectionOptions(headers: ReplyHeaders): ReadonlySet<string> | undefined {
  const lists = headers.filter(([name]) => name === 'connection')
  if (lists.length === 0) return undefined
  return new Set(lists.flatMap(([, value]) => value.split(',')).map((name) => name.trim().toLowerCase()))
}
