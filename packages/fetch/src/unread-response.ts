import type { Reply, ReplyHeaders } from '@latchkey/core'
import { allowsBody, replyHeaders } from './response.js'

/** What the constructor of @hono/node-server's `Response` notes, and what the server writes while nothing else was asked. */
type Notes = readonly [status: unknown, body: unknown, headers: unknown]

const defaultType = 'text/plain; charset=UTF-8'

/** Fields with which the message that is written is not what the notes say, and the server's marker of one written before. */
const telling: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'content-length',
  'transfer-encoding',
  'trailer',
  'x-hono-already-sent',
])

const encoder = /* @__PURE__ */ new TextEncoder()

/**
 * The notes on a response that nobody has looked into: to ask it for its body makes a real `Response` of it, which costs several
 * times what all else here does.
 */
function notesOf(response: Response): Notes | undefined {
  const keys = Object.getOwnPropertySymbols(response)
  if (keys.length !== 1 || keys[0]!.description !== 'cache') return undefined
  const notes: unknown = (response as unknown as Record<symbol, unknown>)[keys[0]!]
  return Array.isArray(notes) && notes.length === 3 ? (notes as unknown as Notes) : undefined
}

/**
 * The whole reply that @hono/node-server is going to write for a response as it stands. `undefined` where that is in any doubt: on
 * other hosts, for a stream, for a response that was looked into, for fields that the server would change or refuse.
 */
export function unreadReply(response: Response): Reply | undefined {
  const notes = notesOf(response)
  if (notes === undefined) return undefined
  const [status, body, fields] = notes
  if (!isStatus(status)) return undefined
  const bytes = bytesOf(body, status)
  const headers = bytes && headersOf(fields, body !== null)
  return headers && { status, headers, body: bytes }
}

/** Whether the server's `Response` was made without any header field. */
export function hasNoFields(response: Response): boolean {
  const notes = notesOf(response)
  return notes !== undefined && notes[1] === null && notes[2] === undefined
}

function isStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599
}

function bytesOf(body: unknown, status: number): Uint8Array | undefined {
  // The server may write an empty body in chunks, where its length could be declared.
  if (body === null) return allowsBody(status) ? undefined : new Uint8Array(0)
  if (!allowsBody(status)) return undefined
  if (typeof body === 'string') return encoder.encode(body)
  return body instanceof Uint8Array ? body : undefined
}

function headersOf(fields: unknown, hasBody: boolean): ReplyHeaders | undefined {
  if (fields === undefined) return hasBody ? [['content-type', defaultType]] : []
  const list = fields instanceof Headers ? replyHeaders(fields) : plainHeaders(fields)
  if (list === undefined || list.some(([name]) => telling.has(name))) return undefined
  // Where a body has no type the server makes one up, or does not, by the way in which the fields were given.
  return hasBody && !list.some(([name]) => name === 'content-type') ? undefined : list
}

/** Fields that were given by name, where they are written as they stand (RFC 9110 sections 5.1 and 5.5). */
function plainHeaders(fields: unknown): ReplyHeaders | undefined {
  if (typeof fields !== 'object' || fields === null || Object.getPrototypeOf(fields) !== Object.prototype) {
    return undefined
  }
  const list: (readonly [string, string])[] = []
  for (const [given, value] of Object.entries(fields as Record<string, unknown>)) {
    const name = given.toLowerCase()
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) || list.some(([present]) => present === name)) return undefined
    if (typeof value !== 'string' || !/^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/.test(value)) {
      return undefined
    }
    list.push([name, value])
  }
  return list
}
