import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillRandom } from '../../crypto.js'
import { displayKey, hasPrefix, isEnvironment, isKeyId, isPrefix, mintKey, parseKey } from './grammar.js'

const id = '0123456789AB'
const secret = 'CDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs'
/** Its checksum was computed with another implementation of CRC-32 (Python's zlib). */
const known = `acme_live_${id}_${secret}4PbjwE`

const prefix = fc
  .stringMatching(/^[a-z][a-z0-9]{1,5}(_[a-z0-9]{1,4}){0,2}$/)
  .filter((text) => text.length >= 2 && text.length <= 20)
const environment = fc.stringMatching(/^[a-z]{2,12}$/)

describe('a key', () => {
  test('has the shape and the checksum that the contract gives it', () => {
    expect(known).toHaveLength(72)
    expect(parseKey(known, ['acme'])).toEqual({ id, environment: 'live' })
  })

  test('of acme_live has 72 characters of [0-9A-Za-z_]', () => {
    const { id: newId, key } = mintKey('acme', 'live', fillRandom)
    expect(key).toMatch(/^acme_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
    expect(key.slice(10, 22)).toBe(newId)
  })

  test('that was minted parses, under whatever prefix and environment', () => {
    fc.assert(
      fc.property(prefix, environment, fc.array(prefix), (ours, where, others) => {
        const minted = mintKey(ours, where, fillRandom)
        expect(minted.key.length).toBeLessThanOrEqual(96)
        const parsed = parseKey(minted.key, [...others.filter((other) => !ours.startsWith(other)), ours])
        expect(parsed).toEqual({ id: minted.id, environment: where })
      }),
    )
  })

  test('is not one with any character changed, removed, added or swapped', () => {
    const characters = '09AZaz_-. é\u0000'
    fc.assert(
      fc.property(fc.nat(71), fc.constantFrom(...characters), (at, character) => {
        fc.pre(known[at] !== character)
        expect(parseKey(known.slice(0, at) + character + known.slice(at + 1), ['acme'])).toBeUndefined()
        expect(parseKey(known.slice(0, at) + known.slice(at + 1), ['acme'])).toBeUndefined()
        expect(parseKey(known.slice(0, at) + character + known.slice(at), ['acme'])).toBeUndefined()
        const [one, other] = [known[at]!, known[at + 1] ?? '']
        if (one !== other && other !== '') {
          expect(parseKey(known.slice(0, at) + other + one + known.slice(at + 2), ['acme'])).toBeUndefined()
        }
      }),
      { numRuns: 1000 },
    )
  })

  test.each(['', '_', 'acme', 'acme_live_', '\n', `${known}\n`, ` ${known}`, known.toUpperCase(), 'acme_live_\u0000'])(
    'is not %j',
    (text) => {
      expect(parseKey(text, ['acme'])).toBeUndefined()
    },
  )

  test('is nothing that is longer than 256 characters, and nothing at random', () => {
    expect(parseKey(`acme_live_${'a'.repeat(100_000)}`, ['acme'])).toBeUndefined()
    fc.assert(fc.property(fc.string(), (text) => parseKey(text, ['acme']) === undefined))
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => parseKey(`acme_live_${text}`, ['acme']) === undefined),
    )
  })

  test('is only one under a prefix of ours', () => {
    expect(parseKey(known, [])).toBeUndefined()
    expect(parseKey(known, ['acm', 'acme_', 'acmee', 'cme'])).toBeUndefined()
    expect(parseKey(known, ['other', 'acme'])).toEqual({ id, environment: 'live' })
  })

  test('is read from the right: a prefix may hold an underscore, and one prefix may begin with another', () => {
    const nested = mintKey('acme_eu', 'live', fillRandom)
    expect(parseKey(nested.key, ['acme_eu'])).toEqual({ id: nested.id, environment: 'live' })
    expect(parseKey(nested.key, ['acme'])).toBeUndefined()
    expect(parseKey(nested.key, ['acme', 'acme_eu'])).toEqual({ id: nested.id, environment: 'live' })
    const plain = mintKey('aa', 'bxlive', fillRandom)
    expect(parseKey(plain.key, ['aa_b', 'aa'])).toEqual({ id: plain.id, environment: 'bxlive' })
  })
})

test('what begins as a key of ours means to be one', () => {
  expect(hasPrefix('acme_', ['acme'])).toBe(true)
  expect(hasPrefix('acme', ['acme'])).toBe(false)
  expect(hasPrefix('acmes_live_', ['acme'])).toBe(false)
  expect(hasPrefix('eyJhbGciOi.e30.', ['acme'])).toBe(false)
})

test('a key is shown by its public parts', () => {
  expect(displayKey({ prefix: 'acme', environment: 'live', id })).toBe('acme_live_0123456789AB_…')
})

test.each(['ab', 'a1', 'acme', 'acme_eu', 'a_b_c', 'a2345678901234567890'])('%s is a prefix', (text) => {
  expect(isPrefix(text)).toBe(true)
})

test.each(['', 'a', '1a', '_a', 'a_', 'a__b', 'Acme', 'a-b', 'a23456789012345678901', 'ab\n', 'äb', 5, null])(
  '%j is no prefix',
  (text) => {
    expect(isPrefix(text)).toBe(false)
  },
)

test('an environment is two to twelve letters', () => {
  expect(['live', 'test', 'ab', 'abcdefghijkl'].every(isEnvironment)).toBe(true)
  expect(['', 'a', 'Live', 'live1', 'li_ve', 'abcdefghijklm', 'live\n', null].some(isEnvironment)).toBe(false)
})

test('an id is twelve characters of base 62', () => {
  expect(isKeyId(id)).toBe(true)
  expect(['', '0123456789A', '0123456789ABC', '0123456789A_', '__proto__', known, undefined].some(isKeyId)).toBe(false)
})
