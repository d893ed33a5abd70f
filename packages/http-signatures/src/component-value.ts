import type { Component } from './component.js'
import type { Fields, Message, RequestMessage } from './http-message.js'
import type { MessageReader } from './message-reader.js'
import { wrappedLines } from './structured-field.js'
import { targetUri } from './target-uri.js'

/** The value of a component in a message; `undefined` where it is absent, malformed, or cannot be had there. */
export function componentValue(component: Component, message: Message, reader: MessageReader): string | undefined {
  const { name, parameters } = component
  const source = parameters.has('req') ? requestOf(message) : message
  if (source === undefined) return undefined
  const value = name.startsWith('@') ? derivedValue(component, source, reader) : fieldValue(component, source, reader)
  // Another character would end the line early, or have no place in an ASCII text.
  return value !== undefined && /^[\t\x20-\x7e]*$/.test(value) ? value : undefined
}

/** `req` is for responses alone (RFC 9421 section 2.4). */
function requestOf(message: Message): RequestMessage | undefined {
  return 'status' in message ? message.request : undefined
}

function derivedValue({ name, parameters }: Component, source: Message, reader: MessageReader): string | undefined {
  if ('status' in source) return name === '@status' ? String(source.status) : undefined
  if (name === '@method') return source.method
  const uri = targetUri(source.url)
  if (uri === undefined) return undefined
  const { scheme, authority, path, query } = uri
  switch (name) {
    case '@target-uri':
      return `${scheme}://${authority}${path}${query}`
    case '@authority':
      return authority
    case '@scheme':
      return scheme
    case '@request-target':
      return path + query
    case '@path':
      return path
    case '@query':
      return query === '' ? '?' : query
    case '@query-param':
      return reader.queryParameter(query, String(parameters.get('name')))
    default:
      return undefined
  }
}

function fieldValue(
  { name, parameters }: Component,
  { fields, trailers }: Message,
  reader: MessageReader,
): string | undefined {
  const source: Fields | undefined = parameters.has('tr') ? trailers : fields
  if (source === undefined) return undefined
  if (parameters.has('bs')) {
    const lines = source.lines(name)
    return lines === undefined || lines.length === 0 ? undefined : wrappedLines(lines)
  }
  const joined = source.joined(name)
  if (joined === undefined) return undefined
  const key = parameters.get('key')
  if (typeof key === 'string') return reader.member(name, joined, key)
  return parameters.has('sf') ? reader.strictValue(name, joined) : joined
}
