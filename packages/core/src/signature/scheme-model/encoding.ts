import { utf8 } from '../../bytes.js'
import type { SignatureEncoding } from './scheme.js'

/** Longest shared secret that is hashed for comparison; longer values are refused unread. */
const maxTextLength = 1024

/**
 * The bytes of a signature, or `undefined` where it is not the one accepted spelling of exactly `length` bytes. With a second
 * spelling a message could be told apart from its own replay.
 *
 * @param length `undefined`: any.
 */
export function decodeSignature(
  text: string,
  encoding: SignatureEncoding,
  length: number | undefined,
): Uint8Array | undefined {
  if (encoding === 'text') return text !== '' && text.length <= maxTextLength ? utf8(text) : undefined
  if (length !== undefined && text.length !== encodedLength(length, encoding)) return undefined
  if (encoding === 'hex') return /^(?:[0-9A-Fa-f]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined
  const bytes = Buffer.from(text, encoding)
  // Buffer takes either alphabet, any padding and stray bits: only what it would write itself is accepted.
  return bytes.toString(encoding) === text ? bytes : undefined
}

/** A signature as its header field writes it. */
export function encodeSignature(bytes: Uint8Array, encoding: SignatureEncoding): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding === 'text' ? 'utf8' : encoding)
}

function encodedLength(length: number, encoding: 'hex' | 'base64' | 'base64url'): number {
  if (encoding === 'hex') return length * 2
  return encoding === 'base64' ? Math.ceil(length / 3) * 4 : Math.ceil((length * 4) / 3)
}
