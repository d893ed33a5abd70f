import { isInnerList, serializeDictionary } from 'structured-headers'
import { digest, equalBytes, hasher } from './crypto.js'
import type { HttpSignatureFault } from './fault.js'
import { strictDictionary } from './structured-field.js'

/** The digest algorithms that count (RFC 9530 section 5); what else a message carries is passed over. */
export type DigestAlgorithm = 'sha-256' | 'sha-512'

const hashes = { 'sha-256': 'sha256', 'sha-512': 'sha512' } as const

/**
 * The value of `Content-Digest` for a body (RFC 9530).
 *
 * @param body the bytes that are sent, with whatever content coding they have; a string counts as its UTF-8 bytes.
 *
 * @example
 * ```ts
 * import { contentDigest } from '@latchkey/http-signatures'
 *
 * const headers = { 'content-digest': contentDigest('{"hello": "world"}') }
 * ```
 */
export function contentDigest(body: Uint8Array | string, algorithm: DigestAlgorithm = 'sha-256'): string {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return serializeDictionary(new Map([[algorithm, [digest(hashes[algorithm], bytes), new Map()]]]))
}

/**
 * Whether a `Content-Digest` fits a body: at least one of SHA-256 and SHA-512 is there, and each that is there is right.
 *
 * @param field the field's value, its lines joined; `null` or `undefined` where it is absent.
 * @param body the bytes that were sent, with whatever content coding they have.
 */
export function verifyContentDigest(field: string | null | undefined, body: Uint8Array | string): boolean {
  const check = typeof field === 'string' ? digestCheck(field) : 'digest-missing'
  return typeof check !== 'string' && check.finish(typeof body === 'string' ? Buffer.from(body) : body)
}

/** A check under way: fed the body as it arrives, then asked. */
export interface DigestCheck {
  /** The algorithms that are checked. */
  readonly algorithms: ReadonlySet<string>
  feed(chunk: Uint8Array): void
  /** @param body all of it; where another guard has read it before, it has not been fed. */
  finish(body: Uint8Array): boolean
}

/** Begins to check the digests of a field. */
export function digestCheck(field: string): DigestCheck | HttpSignatureFault {
  const dictionary = strictDictionary(field)
  if (dictionary === undefined) return 'malformed'
  const expected = new Map<DigestAlgorithm, Uint8Array>()
  for (const algorithm of Object.keys(hashes) as DigestAlgorithm[]) {
    const member = dictionary.get(algorithm)
    if (member === undefined) continue
    if (isInnerList(member) || !(member[0] instanceof ArrayBuffer)) return 'malformed'
    expected.set(algorithm, new Uint8Array(member[0]))
  }
  if (expected.size === 0) return 'digest-missing'

  const begin = () => [...expected].map(([algorithm, shown]) => ({ shown, hash: hasher(hashes[algorithm]) }))
  let lines = begin()
  let fedBytes = 0
  const feed = (chunk: Uint8Array) => {
    fedBytes += chunk.length
    for (const { hash } of lines) hash.update(chunk)
  }
  const finish = (body: Uint8Array) => {
    if (fedBytes !== body.length) {
      lines = begin()
      feed(body)
    }
    return lines.map(({ shown, hash }) => equalBytes(hash.digest(), shown)).every((isSame) => isSame)
  }
  return { algorithms: new Set(expected.keys()), feed, finish }
}
