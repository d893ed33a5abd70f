import { concat } from '../../bytes.js'

/** Bytes of a coordinate on P-256. */
const size = 32

/**
 * An ECDSA signature in DER (RFC 3279 section 2.2.3) as r and s of 32 bytes each; `undefined` where it is not the one encoding
 * of two positive numbers of that size: no long lengths, no surplus zeros, nothing behind.
 */
export function fromDer(der: Uint8Array): Uint8Array | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined
  const r = integerAt(der, 2)
  const s = r && integerAt(der, r.end)
  return s?.end === der.length ? concat([r!.bytes, s.bytes]) : undefined
}

function integerAt(der: Uint8Array, at: number): { readonly bytes: Uint8Array; readonly end: number } | undefined {
  const length = der[at + 1] ?? 0
  const digits = der.subarray(at + 2, at + 2 + length)
  const [first = 0x80, second = 0] = digits
  const isNegative = first >= 0x80
  const isPadded = first === 0 && second < 0x80
  if (der[at] !== 0x02 || digits.length !== length || isNegative || isPadded) return undefined
  const value = first === 0 ? digits.subarray(1) : digits
  if (value.length > size) return undefined
  const bytes = new Uint8Array(size)
  bytes.set(value, size - value.length)
  return { bytes, end: at + 2 + length }
}

/** Two numbers of 32 bytes each in DER. */
export function toDer(signature: Uint8Array): Uint8Array {
  const numbers = [integer(signature.subarray(0, size)), integer(signature.subarray(size))]
  const content = concat(numbers)
  return concat([Uint8Array.of(0x30, content.length), content])
}

function integer(bytes: Uint8Array): Uint8Array {
  let at = 0
  while (at < size - 1 && bytes[at] === 0) at++
  const digits = bytes.subarray(at)
  const sign = digits[0]! >= 0x80 ? [0] : []
  return Uint8Array.from([0x02, digits.length + sign.length, ...sign, ...digits])
}
