/** 4xx that say nothing of the request's effect: the same request may do better in a moment, or as another caller. */
const released: ReadonlySet<number> = new Set([401, 403, 407, 408, 409, 421, 423, 425, 429])

/**
 * What becomes of the record when the handler answers with this status: `store`: the reply is kept and replayed; `release`:
 * the record goes, and the next request with the key runs the handler.
 */
export function replyClass(status: number, serverErrors: 'release' | 'store'): 'store' | 'release' {
  if (status >= 500 && status < 600) return serverErrors
  return status >= 200 && status < 500 && !released.has(status) ? 'store' : 'release'
}

/** Media types of replies that are made over time; to hold one back would be to withhold it. */
const liveTypes: ReadonlySet<string> = new Set([
  'text/event-stream',
  'application/x-ndjson',
  'multipart/x-mixed-replace',
])

/** Whether a reply of this content type has to reach the client as it is made. */
export function isLiveType(contentType: string): boolean {
  const semicolon = contentType.indexOf(';')
  return liveTypes.has((semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase())
}
