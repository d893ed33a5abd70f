import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestText, EqualTexts, TextHmac } from './crypto.js'

const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 600 }), fc.constant('é'.repeat(2000)))

test('a digest as text is the digest, whatever the text', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom('sha1', 'sha256', 'sha384', 'sha512'), (text, algorithm) => {
      for (const encoding of ['base64url', 'hex'] as const) {
        expect(digestText(algorithm, text, encoding)).toBe(createHash(algorithm).update(text).digest(encoding))
      }
      const bytes = Buffer.from(text)
      expect(Buffer.from(digestText(algorithm, bytes, 'latin1'), 'latin1')).toEqual(
        createHash(algorithm).update(bytes).digest(),
      )
    }),
  )
})

test('an HMAC of texts is that of RFC 2104, whatever the key, the text, and the text before', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(texts, { minLength: 1, maxLength: 5 }), (key, several) => {
      const hmac = new TextHmac(key)
      for (const text of several) {
        expect(hmac.digest(text, 'hex')).toBe(createHmac('sha256', key).update(text).digest('hex'))
      }
    }),
  )
})

describe('texts of one length', () => {
  const four = new EqualTexts(4)

  test('are the same where each character is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 3, maxLength: 5 }),
        fc.string({ unit: 'binary' }),
        (one, other) => {
          expect(four.areSame(one, one.slice(0, 2) + one.slice(2))).toBe(one.length === 4)
          expect(four.areSame(one, other)).toBe(one.length === 4 && one === other)
        },
      ),
    )
  })

  test('differ where one has a character of which a byte alone is the other’s', () => {
    expect(four.areSame('AAAA', 'AAA\u0141')).toBe(false)
    expect(four.areSame('\u0141AAA', '\u0241AAA')).toBe(false)
    expect(four.areSame('\u0141AAA', '\u0141AAA')).toBe(true)
  })
})
