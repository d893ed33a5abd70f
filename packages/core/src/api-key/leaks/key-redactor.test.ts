import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillRandom } from '../../crypto.js'
import { keyPatterns, mintKey } from '../key/grammar.js'
import { keyRedactor } from './key-redactor.js'

const redact = keyRedactor({ prefixes: ['acme', 'acme_corp'] })
const id = '0123456789AB'
const secret = 'CDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs4PbjwE'
const key = `acme_live_${id}_${secret}`
const shown = `acme_live_${id}_…`

const base62 = fc.stringMatching(/^[0-9A-Za-z]{49}$/)
/** Whatever may stand around a key, word characters and other keys' beginnings among it. */
const around = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[0-9A-Za-z_%]{0,60}$/),
  fc.constantFrom('acme_', 'acme_live_', `acme_live_${id}_`, `${key}`, '%22', '\\n', '"', 'xacme', '_', '…', '\ud83d'),
)
const head = fc
  .tuple(fc.constantFrom('acme', 'acme_corp'), fc.stringMatching(/^[a-z]{2,12}$/))
  .map(([prefix, environment]) => `${prefix}_${environment}_${id}_`)

/** What the redactor has to do, said once more and as slowly as can be. */
function redactedByHand(text: string, prefixes: readonly string[]): string {
  const characters = [...Array(text.length).keys()].map((at) => text[at]!)
  const beginsSecret = (at: number) =>
    prefixes.some((prefix) => new RegExp(`${prefix}_[a-z]{2,12}_[0-9A-Za-z]{12}_$`).test(text.slice(0, at)))
  for (let at = 0; at < text.length; at++) {
    if (!beginsSecret(at)) continue
    const length = /^[0-9A-Za-z]{0,49}/.exec(text.slice(at))![0].length
    for (let taken = at; taken < at + length; taken++) characters[taken] = taken === at ? '…' : ''
  }
  return characters.join('')
}

describe('a text with keys in it', () => {
  test.each([
    ['in prose', `the key ${key}, or so`, `the key ${shown}, or so`],
    ['in a URL', `https://a.test/?key=${key}&page=2`, `https://a.test/?key=${shown}&page=2`],
    ['in an encoded URL', `%3Fkey%3D${key}%26page%3D2`, `%3Fkey%3D${shown}%26page%3D2`],
    ['in JSON', JSON.stringify({ text: `\n${key}\n` }), JSON.stringify({ text: `\n${shown}\n` })],
    ['twice', `${key}${key}`, `${shown}${shown}`],
    ['between word characters', `x${key}x`, `x${shown}x`],
    ['with a wrong checksum', key.replace(/E$/, 'F'), shown],
    ['cut in its secret', `acme_live_${id}_C`, shown],
    ['with the next right behind what is left of it', `acme_live_${id}_CDEF${key}`, `${shown}_live_${id}_…`],
    ['under an environment that nobody configured', key.replace('live', 'staging'), shown.replace('live', 'staging')],
    ['under the longer of two prefixes', key.replace('acme', 'acme_corp'), shown.replace('acme', 'acme_corp')],
    [
      'whose environment could be an id under the shorter prefix',
      `acme_corp_demonstrator_${id}_${secret}`,
      `acme_corp_demonstrator_…_…`,
    ],
  ])('shows them as they may be shown: %s', (_, text, expected) => {
    expect(redact(text)).toBe(expected)
  })

  test('says nothing about their secrets, whatever stands around them and wherever they are cut', () => {
    fc.assert(
      fc.property(
        around,
        head,
        base62,
        base62,
        fc.integer({ min: 1, max: 49 }),
        around,
        (left, top, one, two, cut, right) => {
          const around = (secret: string) => `${left}${top}${secret.slice(0, cut)}${right}`
          expect(redact(around(one))).toBe(redact(around(two)))
          expect(redact(around(one))).toContain('_…')
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('keeps every other character', () => {
    const pieces = fc.array(fc.oneof(around, head, base62), { maxLength: 8 })
    fc.assert(
      fc.property(pieces, (pieces) => {
        const text = pieces.join('')
        expect(redact(text)).toBe(redactedByHand(text, ['acme', 'acme_corp']))
        expect(redact(redact(text))).toBe(redact(text))
      }),
      { numRuns: 500 },
    )
  })

  test('may have megabytes', () => {
    const lines = Array.from({ length: 20_000 }, () => mintKey('acme', 'live', fillRandom))
    const filler = 'acme_live_'.repeat(20)
    const text = lines.map(({ key }) => `${filler} ${key}\n`).join('')
    expect(text.length).toBeGreaterThan(5_000_000)
    expect(redact(text)).toBe(lines.map(({ id }) => `${filler} acme_live_${id}_…\n`).join(''))
  })
})

test.each(['', 'acme', key.replace('acme', 'acne'), `acme_live_${id}_`, `acme_live_${id}`, 'acme_live_', shown])(
  'a text without a secret stays as it is: %j',
  (text) => {
    expect(redact(text)).toBe(text)
  },
)

test('no repetition in the expression is without a bound, so that no text makes it look longer than others of its length', () => {
  let expression = /(?:)/
  const spy = {
    replace: (pattern: RegExp) => {
      expression = pattern
    },
  }
  redact(spy as unknown as string)
  expect(expression.source).toContain(keyPatterns.cutSecret)
  expect(expression.source.replaceAll(/\{\d+(,\d+)?\}/g, '').replaceAll('(?', '(')).not.toMatch(/[*+?{]/)
})

test.each([
  undefined,
  null,
  {},
  { prefixes: [] },
  { prefixes: 'acme' },
  { prefixes: ['acme', 'A'] },
  { prefixes: ['.*'] },
])('prefixes that no key can have are refused: %j', (keys) => {
  expect(() => keyRedactor(keys as never)).toThrow(
    expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining('"prefixes" must be') }),
  )
})
