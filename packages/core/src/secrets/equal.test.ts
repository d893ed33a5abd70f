import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { equal } from './equal.js'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('equal', () => {
  test('says of any two texts what the operator says', () => {
    const text = fc.oneof(fc.constantFrom('', 'a', 'b', 'ä', '\u0000'), fc.string({ unit: 'grapheme' }))
    fc.assert(fc.property(text, text, (a, b) => equal(a, b) === (a === b)))
    fc.assert(fc.property(text, (a) => equal(a, `${a}`) && !equal(a, `${a}x`)))
  })

  test('says of any two byte strings whether they are the same bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => equal(a, b) === (Buffer.compare(a, b) === 0)))
    fc.assert(fc.property(fc.uint8Array(), (a) => equal(a, Uint8Array.from(a))))
  })

  test('takes a text for its UTF-8 bytes', () => {
    expect(equal('schlüssel', bytes('schlüssel'))).toBe(true)
    expect(equal(bytes('schlüssel'), 'schlussel')).toBe(false)
  })

  test('does not fold, trim or normalise', () => {
    expect(equal('Key', 'key')).toBe(false)
    expect(equal('key', 'key ')).toBe(false)
    expect(equal('\u00e9', 'e\u0301')).toBe(false)
    expect(equal('key', 'key\u0000')).toBe(false)
  })

  test('a lone surrogate equals nothing: as UTF-8 all of them would be the same', () => {
    expect(equal('a\ud800', 'a\ud801')).toBe(false)
    expect(equal('a\ud800', 'a\ufffd')).toBe(false)
    expect(equal(bytes('a\ufffd'), 'a\udfff')).toBe(false)
    expect(equal('\ud83d\udd11', '🔑')).toBe(true)
  })

  test('takes bytes of another realm', () => {
    expect(equal(runInNewContext('new Uint8Array([107, 101, 121])'), 'key')).toBe(true)
  })

  test.each([undefined, null, 0, Number.NaN, {}, ['a'], true])('%j equals nothing, not even itself', (value) => {
    const nothing = value as unknown as string
    expect(() => equal(nothing, nothing)).toThrow(ConfigurationError)
    expect(() => equal('a', nothing)).toThrow(/must be a text or bytes/)
    expect(() => equal(nothing, 'a')).toThrow(ConfigurationError)
  })
})
