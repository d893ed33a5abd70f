import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readForeignDigest } from './foreign-hash.js'

/** SHA-256 of `abc` (FIPS 180-4, in the examples of its first edition). */
const hex = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const base64url = 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'

describe('a digest of somebody else', () => {
  test.each([
    ['hexadecimal', hex],
    ['hexadecimal in upper case', hex.toUpperCase()],
    ['base64', 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
    ['base64 without padding', 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0'],
    ['base64url', base64url],
    ['base64url with padding', `${base64url}=`],
  ])('is read in %s', (_, text) => {
    expect(readForeignDigest('sha256', text)).toBe(base64url)
  })

  test('of SHA-512 is read in hexadecimal and in base64', () => {
    const digest = createHash('sha512').update('abc').digest()
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(readForeignDigest('sha512', digest.toString(encoding))).toBe(digest.toString('base64url'))
    }
  })

  test.each([
    ['nothing', ''],
    ['too short', hex.slice(2)],
    ['too long', `${hex}00`],
    ['of another algorithm', createHash('sha512').update('abc').digest('hex')],
    ['with a character that is none', `g${hex.slice(1)}`],
    ['in two alphabets at once', 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'],
    ['with bits beyond its last byte', `${base64url.slice(0, -1)}1`],
    ['with a space', ` ${base64url}`],
    ['no text', 5],
    ['absent', undefined],
  ])('is none where it is %s', (_, text) => {
    expect(readForeignDigest('sha256', text)).toBeUndefined()
  })

  test('comes out as one text, however it was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const digest = Buffer.from(bytes)
        const read = (['hex', 'base64', 'base64url'] as const).map((encoding) =>
          readForeignDigest('sha256', digest.toString(encoding)),
        )
        expect(new Set(read)).toEqual(new Set([digest.toString('base64url')]))
      }),
    )
  })
})
