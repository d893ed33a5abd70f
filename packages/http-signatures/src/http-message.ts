import type { MessageHeaders, RequestHeaders } from '@latchkey/core'

/** Header or trailer fields, names in lower case. */
export interface Fields {
  /** The lines of a field, in order; `undefined` where a host has joined them, and there were several. Empty: absent. */
  lines(name: string): readonly string[] | undefined
  /** All lines, joined with `", "`; `undefined` where the field is absent. */
  joined(name: string): string | undefined
}

/** A request, as signatures see it. */
export interface RequestMessage {
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly fields: Fields
  readonly trailers: Fields | undefined
}

/** A response, with the request that it answers where that is known. */
export interface ResponseMessage {
  readonly status: number
  readonly fields: Fields
  readonly trailers: Fields | undefined
  readonly request: RequestMessage | undefined
}

export type Message = RequestMessage | ResponseMessage

/** A request as plain data. */
export interface HttpRequest {
  readonly method: string
  /** Absolute, as it is addressed. */
  readonly url: string
  readonly headers: MessageHeaders
  readonly trailers?: MessageHeaders
  /** The exact bytes; a string counts as its UTF-8 bytes. @defaultValue no bytes */
  readonly body?: Uint8Array | string
}

/** A response as plain data. */
export interface HttpResponse {
  readonly status: number
  readonly headers: MessageHeaders
  readonly trailers?: MessageHeaders
  /** The exact bytes; a string counts as its UTF-8 bytes. @defaultValue no bytes */
  readonly body?: Uint8Array | string
}

export function isFetch(message: Request | HttpRequest): message is Request
export function isFetch(message: Response | HttpResponse): message is Response
export function isFetch(message: Request | Response | HttpRequest | HttpResponse): boolean {
  return typeof (message.headers as Headers | undefined)?.get === 'function' && 'clone' in message
}

export function requestMessage(request: Request | HttpRequest): RequestMessage {
  const { method, url } = request
  return { method, url, ...fieldsOf(request) }
}

export function responseMessage(response: Response | HttpResponse, request?: Request | HttpRequest): ResponseMessage {
  const { status } = response
  return { status, ...fieldsOf(response), request: request === undefined ? undefined : requestMessage(request) }
}

function fieldsOf(message: Request | Response | HttpRequest | HttpResponse) {
  if ('clone' in message) return { fields: fetchFields(message.headers), trailers: undefined }
  const { headers, trailers } = message
  return { fields: plainFields(headers), trailers: trailers === undefined ? undefined : plainFields(trailers) }
}

/** Fields as a guard's host presents them. */
export function guardFields(headers: RequestHeaders): Fields {
  return {
    lines: (name) => {
      const value = headers.get(name)
      if (value === null) return []
      if (headers.count(name) === 1) return [tidy(value)]
      return headers.lines?.(name).map(tidy)
    },
    joined: (name) => {
      const value = headers.get(name)
      return value === null ? undefined : tidy(value)
    },
  }
}

function fetchFields(headers: Headers): Fields {
  const value = (name: string) => headers.get(name)?.trim()
  return {
    // What was on several lines is one by now: a signature over the lines will not match, which is as it must be.
    lines: (name) => (name === 'set-cookie' ? headers.getSetCookie() : [value(name) ?? []].flat()),
    joined: value,
  }
}

/** Plain fields; a list stands for a field that comes on several lines. */
export function plainFields(headers: MessageHeaders): Fields {
  const lines = new Map<string, string[]>()
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    const known = lines.get(name.toLowerCase()) ?? []
    lines.set(name.toLowerCase(), [...known, ...[value].flat().map(tidy)])
  }
  return { lines: (name) => lines.get(name) ?? [], joined: (name) => lines.get(name)?.join(', ') }
}

/** Without the space around it and the folds in it (RFC 9421 section 2.1), in time that grows with its length alone. */
function tidy(value: string): string {
  const line = value.includes('\n')
    ? value
        .split(/\r?\n[ \t]+/)
        .map(trimmed)
        .join(' ')
    : value
  return trimmed(line)
}

function trimmed(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value, start)) start += 1
  while (end > start && isBlank(value, end - 1)) end -= 1
  return value.slice(start, end)
}

function isBlank(value: string, at: number): boolean {
  return value[at] === ' ' || value[at] === '\t'
}
