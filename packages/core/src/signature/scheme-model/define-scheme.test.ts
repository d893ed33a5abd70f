import { describe, expect, test } from 'vitest'
import { signaturePresets } from '../signature-presets.js'
import { defineScheme } from './define-scheme.js'
import type { Scheme, SignatureCarrier } from './scheme.js'

const carrier: SignatureCarrier = {
  signature: 'x-signature',
  syntax: { form: 'bare' },
  variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
}
const scheme: Scheme = {
  name: 'own',
  carriers: [carrier],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
}
const timed: Partial<Scheme> = { timestamp: { unit: 's', toleranceSeconds: 300 } }
const pairs: SignatureCarrier = { ...carrier, syntax: { form: 'pairs', separator: ',' } }

test('a scheme of one’s own is a preset like any other', () => {
  const own = defineScheme(scheme)
  expect(own.scheme).toBe(scheme)
  expect(own({ secrets: ['s'] }).scheme).toBe(scheme)
})

test('every preset bears its name and its data', () => {
  for (const [name, preset] of Object.entries(signaturePresets)) expect(preset.scheme.name).toBe(name)
})

describe('data that contradict themselves are refused', () => {
  test.each<[string, Partial<Scheme>, RegExp]>([
    ['a name in capitals', { name: 'Own' }, /lower-case words/],
    ['no carrier', { carriers: [] }, /carriers must hold/],
    ['no rule for secrets', { secrets: [] }, /secrets must hold/],
    ['a field name in capitals', { carriers: [{ ...carrier, signature: 'X-Signature' }] }, /no header field name/],
    ['no variant', { carriers: [{ ...carrier, variants: [] }] }, /variants must hold/],
    ['a list without labels', { carriers: [pairs] }, /needs a label/],
    [
      'two variants without a list',
      { carriers: [{ ...carrier, variants: [...carrier.variants, ...carrier.variants] }] },
      /one variant/,
    ],
    ['a time without a place', timed, /timestamp needs a place/],
    [
      'a time without a unit',
      { carriers: [{ ...carrier, timestamp: { header: 'x-time' } }] },
      /timestamp needs a place/,
    ],
    ['an unsigned time', { ...timed, carriers: [{ ...carrier, timestamp: { header: 'x-time' } }] }, /proves nothing/],
    [
      'an element without pairs',
      { ...timed, content: ['timestamp', 'body'], carriers: [{ ...carrier, timestamp: { element: 't' } }] },
      /only a list of pairs/,
    ],
    ['an id without a place', { content: ['id', 'body'] }, /names an id/],
    ['a time without a place in the head', { content: ['timestamp', 'body'] }, /names a timestamp/],
    ['the body twice', { content: ['body', 'body'] }, /at most once/],
    ['an empty literal', { content: [{ literal: '' }, 'body'] }, /must not be empty/],
    ['nothing signed', { content: [] }, /must be empty for a shared secret/],
  ])('%s', (_, change, message) => {
    expect(() => defineScheme({ ...scheme, ...change })).toThrow(message)
  })
})
