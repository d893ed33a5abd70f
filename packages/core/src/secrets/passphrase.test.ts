import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { passphrase } from './passphrase.js'
import { wordAt, wordCount } from './wordlist.js'

const words = Array.from({ length: wordCount }, (_, index) => wordAt(index))

describe('the word list', () => {
  test('is the EFF’s long list, word for word', () => {
    const sha256 = createHash('sha256')
      .update(words.map((word) => `${word}\n`).join(''))
      .digest('hex')
    expect(sha256).toBe('6d557f0693958fb5e650b68b5bee585eb82cf4da32965505c789e924743bc522')
  })

  test('has 7,776 words, all different', () => {
    expect(new Set(words).size).toBe(7776)
    expect([words[0], words.at(-1)]).toEqual(['abacus', 'zoom'])
  })
})

describe('passphrase', () => {
  test('is five words, worth 64.6 bits', () => {
    const { phrase, entropyBits } = passphrase()
    expect(phrase.split(' ')).toHaveLength(5)
    expect(entropyBits).toBeCloseTo(64.624, 3)
  })

  test('is made of words of the list, and splits back into them', () => {
    const known = new Set(words)
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 64 }), fc.constantFrom(' ', '.', '_', ' / ', '1'), (count, separator) => {
        const { phrase, entropyBits } = passphrase(count, { separator })
        const parts = phrase.split(separator)
        expect(parts).toHaveLength(count)
        expect(parts.every((part) => known.has(part))).toBe(true)
        expect(entropyBits).toBe(count * Math.log2(7776))
      }),
    )
  })

  test('under five words it has to be asked for in words', () => {
    expect(() => passphrase(4)).toThrow(ConfigurationError)
    expect(passphrase(1, { acceptWeak: true }).entropyBits).toBeCloseTo(12.925, 3)
  })

  test.each([0, -5, 5.5, Number.NaN, 65])('%s words are refused, weak or not', (count) => {
    expect(() => passphrase(count, { acceptWeak: true })).toThrow(/"words" must be 1 to 64/)
  })

  test.each(['', '-', 'x', ' - ', 'é', 'too long, far', '\ud800'])('the separator %j is refused', (separator) => {
    expect(() => passphrase(5, { separator })).toThrow(/"separator" must be/)
  })
})
