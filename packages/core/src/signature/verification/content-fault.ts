import type { RequestHeaders } from '../../guard.js'
import type { ContentSegment, Scheme } from '../scheme-model/scheme.js'
import type { SignatureFault } from './fault.js'
import type { SignatureList } from './signature-list.js'
import { fieldNames } from './signed-content.js'

/** Most fields that a sender may choose to sign. */
const maxFields = 64

/** What the signed content of these signatures names and the head lacks, or holds twice. */
export function faultOfContent(
  headers: RequestHeaders,
  { candidates, elements }: SignatureList,
  scheme: Scheme,
): SignatureFault | undefined {
  const variants = new Set(candidates.map(({ variant }) => variant))
  for (const { content = scheme.content } of variants) {
    for (const segment of content) {
      const fault = typeof segment === 'object' ? faultOfSegment(segment, headers, elements) : undefined
      if (fault !== undefined) return fault
    }
  }
  return undefined
}

function faultOfSegment(
  segment: Exclude<ContentSegment, string>,
  headers: RequestHeaders,
  elements: ReadonlyMap<string, string>,
): SignatureFault | undefined {
  if ('field' in segment) return faultOfField(headers, segment.field, segment.isOptional)
  if ('element' in segment) return elements.has(segment.element) ? undefined : 'missing'
  if (!('fieldsNamedIn' in segment)) return undefined
  const names = fieldNames(elements.get(segment.fieldsNamedIn) ?? '')
  if (names.length > maxFields) return 'too-many'
  for (const name of names) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'malformed'
    const fault = faultOfField(headers, name.toLowerCase(), undefined)
    if (fault !== undefined) return fault
  }
  return undefined
}

function faultOfField(headers: RequestHeaders, name: string, isOptional: true | undefined): SignatureFault | undefined {
  const count = headers.count(name)
  if (count > 1) return 'duplicate'
  return count === 0 && isOptional !== true ? 'missing' : undefined
}
