import { describe, expect, test } from 'vitest'
import { hex } from './bytes.js'
import { type Digest, hmac } from './crypto.js'
import { HmacKey } from './hmac-key.js'

const bytes = (value: number, count: number) => new Uint8Array(count).fill(value)

/** RFC 4231 section 4, and for SHA-1 RFC 2202 section 3: short key, a key that is longer than a block, and short data. */
const known: readonly (readonly [Digest, Uint8Array | string, string, string])[] = [
  ['sha1', bytes(0x0b, 20), 'Hi There', 'b617318655057264e28bc0b6fb378c8ef146be00'],
  ['sha1', 'Jefe', 'what do ya want for nothing?', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
  [
    'sha1',
    bytes(0xaa, 80),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    'aa4ae5e15272d00e95705637ce8a3b55ed402112',
  ],
  ['sha256', bytes(0x0b, 20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    'sha256',
    'Jefe',
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    'sha256',
    bytes(0xaa, 131),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    'sha512',
    'Jefe',
    'what do ya want for nothing?',
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  ],
]

describe('an HMAC key', () => {
  test.each(known)('of %s gives the answer that its specification does, each time', (algorithm, secret, data, mac) => {
    const key = new HmacKey(typeof secret === 'string' ? new TextEncoder().encode(secret) : secret)
    for (let time = 0; time < 3; time++) {
      const hasher = key.begin(algorithm)
      hasher.update(data)
      expect(hex(hasher.digest())).toBe(mac)
    }
  })

  test.each([0, 1, 63, 64, 65, 1365, 1366, 4095, 4096, 4097, 70_000])('is right about %i bytes', (length) => {
    const secret = bytes(0x17, 32)
    const content = Uint8Array.from({ length }, (_, at) => (at * 7) & 0xff)
    const key = new HmacKey(secret)
    for (const algorithm of ['sha1', 'sha256', 'sha384', 'sha512', 'sha256'] as const) {
      for (const pieces of [[content], [content.subarray(0, length >> 1), content.subarray(length >> 1)]]) {
        const hasher = key.begin(algorithm)
        for (const piece of pieces) hasher.update(piece)
        expect(hex(hasher.digest())).toBe(hex(hmac(algorithm, secret, content)))
      }
    }
  })

  test('takes texts as UTF-8, a character of four bytes among them, and other pieces between them', () => {
    const secret = bytes(0x17, 32)
    const key = new HmacKey(secret)
    key.begin('sha256')
    for (const text of ['', 'é', '€uro', '🔑'.repeat(10), '🔑'.repeat(1200)]) {
      const hasher = key.begin('sha256')
      for (const piece of [text, bytes(0x2e, 1), text]) hasher.update(piece)
      expect(hex(hasher.digest())).toBe(hex(hmac('sha256', secret, `${text}.${text}`)))
    }
  })

  test('keeps apart what is hashed under it at the same time', () => {
    const key = new HmacKey(bytes(0x17, 32))
    const macOf = (text: string) => hex(hmac('sha256', bytes(0x17, 32), text))
    key.begin('sha256')
    const [one, other] = [key.begin('sha256'), key.begin('sha256')]
    one.update('a')
    other.update('x')
    one.update('b')
    expect([hex(other.digest()), hex(one.digest())]).toEqual([macOf('x'), macOf('ab')])
  })
})
