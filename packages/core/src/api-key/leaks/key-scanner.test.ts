import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillRandom } from '../../crypto.js'
import { longestKey, mintKey } from '../key/grammar.js'
import { keyScanner } from './key-scanner.js'

const prefixes = ['acme', 'corp', 'acme_corp']
const id = '0123456789AB'
const secret = 'CDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs'
/** Its checksum was computed with another implementation of CRC-32 (Python's zlib). */
const known = `acme_live_${id}_${secret}4PbjwE`
const scan = (text: string) => keyScanner({ prefixes }).scan(text)

describe('a key in a text', () => {
  test('is found where it is, and shown without its secret', () => {
    expect(scan(`API_KEY="${known}"`)).toEqual([
      {
        index: 9,
        length: 72,
        prefix: 'acme',
        environment: 'live',
        keyId: id,
        display: `acme_live_${id}_…`,
        isGenuine: true,
      },
    ])
  })

  test('is not genuine with a wrong checksum', () => {
    expect(scan(known.replace(/E$/, 'F'))).toMatchObject([{ index: 0, length: 72, isGenuine: false }])
  })

  test.each([
    ['after word characters', `xyz${known}`, [3]],
    ['before word characters', `${known}xyz`, [0]],
    ['right behind another', known + known, [0, 72]],
    ['right behind what was cut off from another', known.slice(0, 70) + known, [70]],
    ['not where it is cut', known.slice(0, -1), []],
    ['not under a foreign prefix', known.replace('acme', 'acne'), []],
  ])('is found %s', (_, text, indices) => {
    const genuine = scan(text).filter(({ isGenuine }) => isGenuine)
    expect(genuine.map(({ index }) => index)).toEqual(indices)
  })

  test.each(prefixes)('is told by its checksum from one under a prefix that ends alike: %s', (prefix) => {
    const { key } = mintKey(prefix, 'live', fillRandom)
    const before = prefix === 'corp' ? 'acme_' : ''
    expect(scan(before + key)).toMatchObject([{ index: before.length, prefix, isGenuine: true }])
  })
})

test('a text may come in pieces that are cut anywhere', () => {
  const longest = mintKey('corp', 'environments'.slice(0, 12), fillRandom).key
  const piece = fc.oneof(fc.constantFrom(known, longest, known.slice(0, 60), 'acme_live_'), fc.string())
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.array(fc.nat(400)), (pieces, cuts) => {
      const text = pieces.join('')
      const scanner = keyScanner({ prefixes })
      const borders = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length]
      const found = borders.slice(1).flatMap((end, index) => scanner.scan(text.slice(borders[index], end)))
      expect(found).toEqual(scan(text))
    }),
    { numRuns: 1000 },
  )
})

test('where any prefix will do, the checksum tells where the key begins, and what has a wrong one is none', () => {
  const scanner = keyScanner({ prefixes: 'any' })
  expect(scanner.scan(`const key_${known}; ${known.replace(/E$/, 'F')}`)).toMatchObject([
    { index: 10, length: 72, prefix: 'acme', keyId: id, isGenuine: true },
  ])
})

test('no key is longer than what the scanner remembers of the piece before', () => {
  const { key } = mintKey('a'.repeat(20), 'b'.repeat(12), fillRandom)
  expect(key).toHaveLength(longestKey)
  const scanner = keyScanner({ prefixes: ['a'.repeat(20)] })
  const found = [...`${'x'.repeat(300)}${key}`].flatMap((character) => scanner.scan(character))
  expect(found).toMatchObject([{ index: 300, length: longestKey, isGenuine: true }])
})
