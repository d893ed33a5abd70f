import type { Component } from './component.js'
import type { Fields, Message, RequestMessage } from './http-message.js'
import { type FieldType, knownFieldTypes, strictMember, strictValue, wrappedLines } from './structured-field.js'
import { queryParameter, targetUri } from './target-uri.js'

/** The value of a component in a message; `undefined` where it is absent, malformed, or cannot be had there. */
export function componentValue(
  component: Component,
  message: Message,
  fieldTypes: Readonly<Record<string, FieldType>>,
): string | undefined {
  const { name, parameters } = component
  const source = parameters.has('req') ? requestOf(message) : message
  if (source === undefined) return undefined
  const value = name.startsWith('@') ? derivedValue(component, source) : fieldValue(component, source, fieldTypes)
  // Another character would end the line early, or have no place in an ASCII text.
  return value !== undefined && /^[\t\x20-\x7e]*$/.test(value) ? value : undefined
}

/** `req` is for responses alone (RFC 9421 section 2.4). */
function requestOf(message: Message): RequestMessage | undefined {
  return 'status' in message ? message.request : undefined
}

function derivedValue({ name, parameters }: Component, source: Message): string | undefined {
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
      return queryParameter(query, String(parameters.get('name')))
    default:
      return undefined
  }
}

function fieldValue(
  { name, parameters }: Component,
  { fields, trailers }: Message,
  fieldTypes: Readonly<Record<string, FieldType>>,
): string | undefined {
  const source: Fields | undefined = parameters.has('tr') ? trailers : fields
  if (source === undefined) return undefined
  if (parameters.has('bs')) {
    const lines = source.lines(name)
    return lines === undefined || lines.length === 0 ? undefined : wrappedLines(lines)
  }
  const joined = source.joined(name)
  if (joined === undefined) return undefined
  const type = typeOf(name, fieldTypes)
  const key = parameters.get('key')
  if (typeof key === 'string') {
    // Who asks for a key says that the field is a dictionary.
    return (type ?? 'dictionary') === 'dictionary' ? strictMember(joined, key) : undefined
  }
  if (!parameters.has('sf')) return joined
  return type === undefined ? undefined : strictValue(joined, type)
}

function typeOf(name: string, fieldTypes: Readonly<Record<string, FieldType>>): FieldType | undefined {
  if (Object.hasOwn(fieldTypes, name)) return fieldTypes[name]
  return Object.hasOwn(knownFieldTypes, name) ? knownFieldTypes[name] : undefined
}
