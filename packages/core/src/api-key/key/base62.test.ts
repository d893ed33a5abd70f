import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../bytes.js'
import { crc32 as ours } from '../../crc32.js'
import { fillRandom } from '../../crypto.js'
import { ConfigurationError } from '../../errors.js'
import { base62, randomBase62 } from './base62.js'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

describe('base62', () => {
  test.each([
    [ours(utf8('123456789')), '3jZRME'],
    [0xcbf43926, '3jZRME'],
    [0, '000000'],
    [1, '000001'],
    [61, '00000z'],
    [62, '000010'],
    [0xffffffff, '4gfFC3'],
  ])('%d is %s', (value, text) => {
    expect(base62(value, 6)).toBe(text)
  })

  test('what is written reads back, digit by digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
        const text = base62(value, 6)
        expect(text).toHaveLength(6)
        expect([...text].reduce((sum, digit) => sum * 62 + alphabet.indexOf(digit), 0)).toBe(value)
      }),
    )
  })

  test('the CRC is the one that Node computes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => ours(bytes) === crc32(bytes)))
  })
})

describe('randomBase62', () => {
  test('throws away the bytes that would make some characters likelier', () => {
    // 248 is 4 × 62: the bytes from there on would give the first eight characters once more than the others.
    const stream = [248, 255, 0, 61, 62, 247, 250, 123]
    const repeating = (target: Uint8Array) => target.set(target.map((_, index) => stream[index % stream.length]!))
    expect(randomBase62(5, repeating)).toBe('0z0zz')
  })

  test('every byte that is kept gives every character equally often', () => {
    const all = (target: Uint8Array) => target.set(target.map((_, index) => index % 248))
    const text = randomBase62(248, all)
    for (const character of alphabet) expect(text.split(character)).toHaveLength(5)
  })

  test('every character is as likely as any other', () => {
    const text = randomBase62(62_000, fillRandom)
    const statistic = [...alphabet].reduce((sum, character) => {
      const seen = text.split(character).length - 1
      return sum + (seen - 1000) ** 2 / 1000
    }, 0)
    // 61 degrees of freedom; above 160 once in 10^10 runs.
    expect(statistic).toBeLessThan(160)
  })

  test('draws again where too many bytes were thrown away', () => {
    let draws = 0
    const late = (target: Uint8Array) => target.fill(++draws < 5 ? 255 : 7)
    expect(randomBase62(43, late)).toBe('7'.repeat(43))
    expect(draws).toBe(5)
  })

  test('wipes what it drew', () => {
    const drawn: Uint8Array[] = []
    randomBase62(43, (target) => {
      target.fill(1)
      drawn.push(target)
    })
    expect(drawn[0]!.every((byte) => byte === 0)).toBe(true)
  })

  test('a source that is stuck is a misconfiguration and no endless loop', () => {
    expect(() => randomBase62(12, (target) => target.fill(255))).toThrow(ConfigurationError)
  })
})
