import { expect, test } from 'vitest'
import { entropyBits } from './secrets.js'

test('entropy is counted of bytes, of words, and of characters that differ', () => {
  expect(entropyBits({ bytes: 32 })).toBe(256)
  expect(entropyBits({ words: 6 })).toBeCloseTo(77.55, 2)
  expect(entropyBits({ alphabet: '01', length: 128 })).toBe(128)
  expect(entropyBits({ alphabet: '0011', length: 128 })).toBe(128)
  expect(entropyBits({ alphabetSize: 62, length: 22 })).toBeCloseTo(130.99, 2)
})

test('a setting is described once', () => {
  for (const options of [
    {},
    { bytes: 1, words: 1 },
    { alphabet: '01' },
    { length: 3 },
    { bytes: 0 },
    { alphabet: '0', length: 9 },
  ]) {
    expect(() => entropyBits(options), JSON.stringify(options)).toThrow()
  }
})
