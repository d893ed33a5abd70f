import { appendVary, type Reply, type ReplyHeaders } from '@latchkey/core'

/** Statuses whose `Response` takes no body but `null` (Fetch section 2.2.3); an empty one throws. */
const bodyless: ReadonlySet<number> = /* @__PURE__ */ new Set([101, 204, 205, 304])

/** Header fields as a reply lists them: lower case, in order, every `set-cookie` on its own. */
export function replyHeaders(headers: Headers): ReplyHeaders {
  const list: (readonly [string, string])[] = []
  for (const [name, value] of headers) if (name !== 'set-cookie') list.push([name, value])
  // Some hosts still join cookies with a comma when iterated, which cannot be undone.
  for (const cookie of headers.getSetCookie()) list.push(['set-cookie', cookie])
  return list
}

/**
 * A reply as a `Response`. Fields of `prepared`, which outer middleware has set for whatever is answered, are kept unless
 * the reply has its own; `vary` is appended.
 */
export function toResponse(reply: Reply, prepared?: Headers): Response {
  const plain = prepared === undefined ? plainFields(reply) : undefined
  // Node's server writes such a response without making a `Headers` of them.
  if (plain !== undefined) {
    return new Response(bodyFor(reply.status, reply.body), { status: reply.status, headers: plain })
  }
  const headers = new Headers()
  for (const [name, value] of reply.headers) headers.append(name, value)
  for (const [name, value] of prepared ?? []) {
    if (name === 'content-type') continue
    if (name === 'set-cookie') headers.append(name, value)
    else addHeader(headers, name, value)
  }
  return new Response(bodyFor(reply.status, reply.body), {
    status: reply.status,
    headers,
    ...encodingOf(headers, reply.body),
  })
}

/** The fields of a reply by name, where each comes once and none says how its body is to be taken. */
function plainFields({ headers }: Reply): Record<string, string> | undefined {
  const fields: Record<string, string> = {}
  for (const [name, value] of headers) {
    if (name in fields || name === 'content-encoding' || name === 'set-cookie') return undefined
    fields[name] = value
  }
  // A body without a type would be given one.
  return 'content-type' in fields ? fields : undefined
}

/**
 * How Workers are told that a body is what its `content-encoding` says: they would compress it again. A handler that leaves that to
 * them has answered plain bytes, which do not begin as gzip does. Other hosts do not heed it.
 */
export function encodingOf(headers: Headers, bytes: Uint8Array): ResponseInit {
  const isGzip = headers.get('content-encoding') === 'gzip' && bytes[0] === 0x1f && bytes[1] === 0x8b
  return (isGzip ? { encodeBody: 'manual' } : {}) as ResponseInit
}

/** What a `Response` of this status takes for these bytes. An empty body is `null`: it must not gain a content type. */
export function bodyFor(status: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
  return bytes.length === 0 || bodyless.has(status) ? null : (bytes as Uint8Array<ArrayBuffer>)
}

/** Whether a status allows content, and with it a declared length. */
export function allowsBody(status: number): boolean {
  return !bodyless.has(status)
}

/** The response without the fields that only a guard may set. */
export function withoutFields(response: Response, names: readonly string[]): Response {
  if (!names.some((name) => response.headers.has(name))) return response
  return withEdit(response, (headers) => {
    for (const name of names) headers.delete(name)
  })
}

/** The response with a pass's header fields. */
export function withPassHeaders(response: Response, added: ReplyHeaders): Response {
  return withEdit(response, (headers) => {
    for (const [name, value] of added) addHeader(headers, name, value)
  })
}

/** Edits the header fields in place, or on a copy where the host has made them immutable (a response that `fetch` gave). */
function withEdit(response: Response, edit: (headers: Headers) => void): Response {
  try {
    edit(response.headers)
    return response
  } catch {
    if (response.status < 200 || response.bodyUsed) return response
    const copy = new Response(response.body, response)
    edit(copy.headers)
    return copy
  }
}

function addHeader(headers: Headers, name: string, value: string): void {
  const present = headers.get(name)
  if (present === null) headers.set(name, value)
  else if (name === 'vary') headers.set(name, appendVary(present, value))
}
