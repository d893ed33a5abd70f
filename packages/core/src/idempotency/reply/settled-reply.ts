import { noBytes, utf8 } from '../../bytes.js'
import { ConfigurationError } from '../../errors.js'
import type { Reply, ReplyHeaders } from '../../guard.js'

/** A reply as a handler writes it for `settleIn`. */
export interface SettledReply {
  /** 200 to 599, of a kind that is kept. */
  readonly status: number
  /** By name, or as a list where a name comes twice. What belongs to one response alone (`Set-Cookie`, `Date`) is not kept. */
  readonly headers?: Readonly<Record<string, string>> | ReplyHeaders
  /** A text is UTF-8, and of the type `text/plain; charset=utf-8` where no header says another. */
  readonly body?: string | Uint8Array
  /** In place of `body`: any JSON, of the type `application/json` where no header says another. */
  readonly json?: unknown
}

/** @throws ConfigurationError where no such reply can be sent. */
export function replyOf(given: SettledReply): Reply {
  const { status, headers = [], body, json } = given
  if (!(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw cannotSettle(`"status" must be a whole number from 200 to 599, it is ${String(status)}`)
  }
  if (body !== undefined && json !== undefined) throw cannotSettle('"body" and "json" are two bodies')
  const text = json === undefined ? body : JSON.stringify(json)
  const bytes = typeof text === 'string' ? utf8(text) : (text ?? noBytes)
  if (!(bytes instanceof Uint8Array)) throw cannotSettle(`"body" must be a text or bytes, it is ${typeof bytes}`)
  if (bytes.length > 0 && [204, 205, 304].includes(status)) throw cannotSettle(`a ${status} has no body`)
  const lines = linesOf(headers)
  const isTyped = lines.some(([name]) => name === 'content-type')
  const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json'
  if (typeof text !== 'string' || isTyped) return { status, headers: lines, body: bytes }
  return { status, headers: [...lines, ['content-type', type]], body: bytes }
}

/** `settleIn` is used wrongly; thrown before anything is written. */
export function cannotSettle(why: string): ConfigurationError {
  return new ConfigurationError('cannot-settle', `idempotency: settleIn: ${why}`)
}

function linesOf(headers: Exclude<SettledReply['headers'], undefined>): ReplyHeaders {
  const given: ReplyHeaders = isList(headers) ? headers : Object.entries(headers)
  return given.map(([name, value]) => {
    // What cannot be written would be found out after the commit. RFC 9110 sections 5.1 and 5.5.
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) throw cannotSettle('a header has a name that no field can have')
    if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw cannotSettle(`the header "${name}" has a value that no field can have`)
    }
    return [name.toLowerCase(), value]
  })
}

function isList(headers: Exclude<SettledReply['headers'], undefined>): headers is ReplyHeaders {
  return Array.isArray(headers)
}
