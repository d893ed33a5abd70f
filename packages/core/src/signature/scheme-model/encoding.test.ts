import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSignature, encodeSignature } from './encoding.js'
import type { SignatureEncoding } from './scheme.js'

const bytes = Uint8Array.from({ length: 32 }, (_, index) => 255 - index * 5)
const base64 = encodeSignature(bytes, 'base64')
const base64url = encodeSignature(bytes, 'base64url')
const hex = encodeSignature(bytes, 'hex')

test('hex is read in either case', () => {
  expect(decodeSignature(hex, 'hex', 32)).toEqual(Buffer.from(bytes))
  expect(decodeSignature(hex.toUpperCase(), 'hex', 32)).toEqual(Buffer.from(bytes))
})

describe('there is no second spelling', () => {
  test.each<[string, SignatureEncoding, string]>([
    ['base64 without padding', 'base64', base64.replace(/=+$/, '')],
    ['base64 with more padding', 'base64', `${base64}=`],
    ['base64 in the alphabet of URLs', 'base64', base64url.padEnd(44, '=')],
    ['base64 with stray bits', 'base64', base64.replace(/.=$/, 'N=')],
    ['base64 with a line break', 'base64', `${base64.slice(0, 20)}\n${base64.slice(21)}`],
    ['base64 with a space before', 'base64', ` ${base64.slice(1)}`],
    ['base64url with padding', 'base64url', `${base64url}=`],
    ['base64url in the other alphabet', 'base64url', base64.replace(/=+$/, '')],
    ['hex of a byte less', 'hex', hex.slice(2)],
    ['hex of a byte more', 'hex', `${hex}00`],
    ['hex with a letter beyond f', 'hex', hex.replace(/.$/, 'g')],
    ['hex that is not ASCII', 'hex', hex.replace(/.$/, '１')],
    ['nothing', 'hex', ''],
    ['no text', 'text', ''],
    ['a text of which nobody has the secret', 'text', 'x'.repeat(1025)],
  ])('%s', (_, encoding, text) => {
    expect(text).not.toBe(encoding === 'base64' ? base64 : encoding === 'base64url' ? base64url : hex)
    expect(decodeSignature(text, encoding, encoding === 'text' ? undefined : 32)).toBeUndefined()
  })
})

describe.each<SignatureEncoding>(['hex', 'base64', 'base64url'])('%s', (encoding) => {
  test('decodes what it has encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), (some) => {
        expect(decodeSignature(encodeSignature(some, encoding), encoding, some.length)).toEqual(Buffer.from(some))
      }),
    )
  })

  test('decodes no text that it would write otherwise, hex in capitals apart', () => {
    const digits = fc.constantFrom('0', 'a', 'F', 'g', '+', '/', '-', '_', '=', ' ', '\n', 'é')
    fc.assert(
      fc.property(fc.string({ unit: digits, maxLength: 8 }), fc.integer({ min: 1, max: 4 }), (text, length) => {
        const decoded = decodeSignature(text, encoding, length)
        const same = encoding === 'hex' ? text.toLowerCase() : text
        if (decoded !== undefined) expect(encodeSignature(decoded, encoding)).toBe(same)
      }),
    )
  })
})
