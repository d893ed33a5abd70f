import { concat, hex, utf8 } from '../../bytes.js'
import { digest } from '../../crypto.js'
import type { RequestHeaders } from '../../guard.js'
import type { ContentSegment } from '../scheme-model/scheme.js'
import type { Credential } from './credential.js'
import { sortedForm } from './form.js'

/** What a message says that can be signed, as it stands on the wire. */
export interface ContentParts {
  readonly id: string | undefined
  readonly timestamp: string | undefined
  readonly method: string
  readonly url: string
  /** The fields of the credential, and those beside it. */
  readonly fields: RequestHeaders
  /** The elements of a list of pairs that are no signatures. */
  readonly elements: ReadonlyMap<string, string>
}

/** The parts of a request, once for each URL that its sender may have been given. */
export function partsByUrl(
  request: { readonly method: string; readonly fields: RequestHeaders },
  { id, timestamp, elements }: Pick<Credential, 'id' | 'timestamp' | 'elements'>,
  urls: string | readonly string[],
): readonly [ContentParts, ...ContentParts[]] {
  const [first = '', ...others] = typeof urls === 'string' ? [urls] : urls
  const parts = (url: string) => ({ id, timestamp: timestamp?.text, elements, url, ...request })
  return [parts(first), ...others.map(parts)]
}

/** Whether a segment is made of the body. */
export function isOfBody(segment: ContentSegment): boolean {
  return segment === 'body' || segment === 'body-sha256' || segment === 'sorted-form'
}

/** The segments before the first that is made of the body, or all where none is. */
export function beforeBody(content: readonly ContentSegment[]): readonly ContentSegment[] {
  const at = content.findIndex(isOfBody)
  return at < 0 ? content : content.slice(0, at)
}

/** The segments after the body as it is, which is fed as it arrives; else from the first that is made of it. */
export function afterBody(content: readonly ContentSegment[]): readonly ContentSegment[] {
  const at = content.findIndex(isOfBody)
  if (at < 0) return []
  return content.slice(content[at] === 'body' ? at + 1 : at)
}

/** What a segment reads as. What a scheme signs and a request lacks is refused before this. */
export function segmentBytes(segment: ContentSegment, parts: ContentParts, body: Uint8Array): Uint8Array | string {
  if (segment === 'body') return body
  if (segment === 'body-sha256') return hex(digest('sha256', body))
  if (segment === 'sorted-form') return sortedForm(body)
  if (typeof segment === 'string') return parts[segment] ?? ''
  if ('literal' in segment) return segment.literal
  if ('urlUnescaping' in segment) return unescaped(parts.url, segment.urlUnescaping)
  if ('element' in segment) return parts.elements.get(segment.element) ?? ''
  if ('field' in segment) return parts.fields.get(segment.field) ?? ''
  const names = fieldNames(parts.elements.get(segment.fieldsNamedIn) ?? '')
  return names.map((name) => parts.fields.get(name.toLowerCase()) ?? '').join(segment.separator)
}

/** The signed bytes in one piece. */
export function signedBytes(content: readonly ContentSegment[], parts: ContentParts, body: Uint8Array): Uint8Array {
  return concat(
    content.map((segment) => {
      const bytes = segmentBytes(segment, parts, body)
      return typeof bytes === 'string' ? utf8(bytes) : bytes
    }),
  )
}

/** The names in an element that chooses what is signed. */
export function fieldNames(element: string): readonly string[] {
  return element.split(' ')
}

function unescaped(url: string, characters: string): string {
  return url.replaceAll(/%([0-9A-Fa-f]{2})/g, (escaped, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16))
    return characters.includes(character) ? character : escaped
  })
}
