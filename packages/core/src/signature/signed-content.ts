import { concat, utf8 } from '../bytes.js'
import type { ContentSegment } from './scheme.js'

/** The texts of a message that can be signed, as they stand on the wire. */
export interface ContentTexts {
  readonly id: string | undefined
  readonly timestamp: string | undefined
  readonly method: string
  readonly url: string
}

/** The segments before the body, or all where the body is not signed. */
export function beforeBody(content: readonly ContentSegment[]): readonly ContentSegment[] {
  const at = content.indexOf('body')
  return at < 0 ? content : content.slice(0, at)
}

/** The segments after the body. */
export function afterBody(content: readonly ContentSegment[]): readonly ContentSegment[] {
  const at = content.indexOf('body')
  return at < 0 ? [] : content.slice(at + 1)
}

/** What a segment other than the body reads as. What a scheme signs and a request lacks is refused before this. */
export function segmentText(segment: ContentSegment, texts: ContentTexts): string {
  if (typeof segment === 'object') return segment.literal
  return segment === 'body' ? '' : (texts[segment] ?? '')
}

/** The signed bytes in one piece. */
export function signedBytes(content: readonly ContentSegment[], texts: ContentTexts, body: Uint8Array): Uint8Array {
  return concat(content.map((segment) => (segment === 'body' ? body : utf8(segmentText(segment, texts)))))
}
