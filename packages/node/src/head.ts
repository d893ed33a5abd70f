import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http'
import { appendVary, type Reply, type ReplyHead, type ReplyHeaders } from '@latchkey/core'

/**
 * Does what `writeHead(...args)` does to a response, short of writing: fields that are given to `writeHead` alone never show
 * in `getHeaders()`. In an array a name may come twice, and the whole list may be one of pairs.
 */
export function hoist(res: ServerResponse, args: readonly unknown[]): void {
  const [status, second, third] = args
  res.statusCode = Number(status)
  if (typeof second === 'string') res.statusMessage = second
  const fields = typeof second === 'string' ? third : (third ?? second)
  if (fields === undefined || fields === null) return
  if (!Array.isArray(fields)) {
    for (const [name, value] of Object.entries(fields)) if (name !== '') res.setHeader(name, value)
    return
  }
  const known = new Set<string>()
  for (const [name, value] of pairs(fields)) {
    if (known.has(name.toLowerCase())) res.appendHeader(name, value)
    else res.setHeader(name, value)
    known.add(name.toLowerCase())
  }
}

function pairs(fields: readonly unknown[]): [string, string][] {
  if (Array.isArray(fields[0])) return fields as [string, string][]
  const flat = fields as string[]
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]!] as [string, string]] : []))
}

/** Whether Node would write a head with this status. */
export function isStatus(status: unknown): boolean {
  const code = Number(status) | 0
  return code >= 100 && code <= 999
}

/** Whether a reply with this status has no body on the wire, whatever is written. */
export function isBodyless(status: number): boolean {
  return status === 204 || status === 304
}

/** The head as it stands now. */
export function headOf(res: ServerResponse): ReplyHead {
  const headers: [string, string][] = []
  const fields = res.getHeaders()
  for (const name in fields) {
    const value = fields[name]
    if (Array.isArray(value)) for (const each of value) headers.push([name, each])
    else if (value !== undefined) headers.push([name, String(value)])
  }
  return { status: res.statusCode, headers }
}

/** Does what a framework makes up a type for, where the handler has given none. */
export function keepingType(res: ServerResponse, change: () => void): void {
  const hasType = res.hasHeader('content-type')
  change()
  if (!hasType) res.removeHeader('content-type')
}

/** Removes the fields that only a guard may set. */
export function strip(res: ServerResponse, names: readonly string[] = []): void {
  for (const name of names) if (res.hasHeader(name)) res.removeHeader(name)
}

/** Applies the header fields of a pass: `vary` is appended, others are set if absent. */
export function applyPassHeaders(res: ServerResponse, headers: ReplyHeaders = []): void {
  for (const [name, value] of headers) {
    const present = res.getHeader(name)
    if (present === undefined) res.setHeader(name, value)
    else if (name === 'vary') res.setHeader(name, appendVary(joined(present), value))
  }
}

/**
 * Makes the head that of `reply`. Fields that outer middleware has set before (`base`) stay where the reply has none of their
 * name; `vary` and `set-cookie` are added to.
 */
export function becomeReply(res: ServerResponse, base: OutgoingHttpHeaders, reply: Reply): void {
  for (const name of res.getHeaderNames()) if (base[name] === undefined) res.removeHeader(name)
  for (const name in base) res.setHeader(name, base[name]!)
  res.statusCode = reply.status
  if (res.req.httpVersionMajor < 2) res.statusMessage = STATUS_CODES[reply.status] ?? ''
  // To remove `date` or the length, as we may just have done, tells Node not to write one of its own.
  res.sendDate = true
  const fields = new Map<string, string[]>()
  for (const [name, value] of reply.headers) fields.set(name, [...(fields.get(name) ?? []), value])
  if (!isBodyless(reply.status)) fields.set('content-length', [String(reply.body.length)])
  for (const [name, values] of fields) res.setHeader(name, merged(name, values, base[name]))
}

function merged(name: string, values: string[], present: OutgoingHttpHeaders[string]): string | string[] {
  if (present !== undefined && name === 'vary') return appendVary(joined(present), values.join(', '))
  if (present !== undefined && name === 'set-cookie') return [present].flat().map(String).concat(values)
  return values.length === 1 ? values[0]! : values
}

function joined(value: number | string | string[]): string {
  return Array.isArray(value) ? value.join(', ') : String(value)
}
