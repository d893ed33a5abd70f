import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hmac } from '../../crypto.js'
import type { SignatureCarrier } from '../scheme-model/scheme.js'
import { github } from '../schemes/github.js'
import { standardWebhooks } from '../schemes/standard-webhooks.js'
import { stripe } from '../schemes/stripe.js'
import { parseSignatures } from './signature-list.js'

const mac = hmac('sha256', Buffer.from('key'), 'content')
const base64 = Buffer.from(mac).toString('base64')
const hex = Buffer.from(mac).toString('hex')
const labelled = standardWebhooks.scheme.carriers[0]!
const pairs = stripe.scheme.carriers[0]!
const prefixed = github.scheme.carriers[0]!

const read = (carrier: SignatureCarrier, ...fields: string[]) => {
  const list = parseSignatures(fields, carrier, new Set(['t']))
  return typeof list === 'string' ? list : list.candidates.length
}

describe('a list of labelled signatures', () => {
  test.each<[string, number | string]>([
    [`v1,${base64}`, 1],
    [`v1,${base64} v1,${base64}`, 2],
    [`v2,whatever v1,${base64} v1b,x`, 1],
    [`__proto__,${base64} v1,${base64}`, 1],
    [`v1,short v1,${base64}`, 1],
    [`${`v1,${base64} `.repeat(15)}v1,${base64}`, 16],
    [`${`v1,${base64} `.repeat(16)}v1,${base64}`, 'too-many'],
    [`${'v9,x '.repeat(16)}v1,${base64}`, 'too-many'],
    [`v2,${base64}`, 'unknown-version'],
    [`__proto__,${base64}`, 'unknown-version'],
    [`V1,${base64}`, 'unknown-version'],
    ['v1,', 'malformed'],
    ['v1', 'malformed'],
    [base64, 'malformed'],
    [`,${base64}`, 'malformed'],
    [`v1=${base64}`, 'malformed'],
    [`v1,${base64} `, 'malformed'],
    [` v1,${base64}`, 'malformed'],
    [`v1,${base64}  v1,${base64}`, 'malformed'],
    [`v1,${base64}, v1,${base64}`, 'malformed'],
    [`v1,${base64},v1,${base64}`, 'malformed'],
    [`v1,${base64}\tv1,${base64}`, 'malformed'],
    [`v1,${hex}`, 'malformed'],
    [`v1,${base64.replace('=', '')}`, 'malformed'],
    [`v1,é${base64.slice(1)}`, 'malformed'],
    ['', 'malformed'],
  ])('%s', (field, expected) => {
    expect(read(labelled, field)).toBe(expected)
  })
})

describe('a list of pairs', () => {
  test.each<[string, number | string]>([
    [`t=1,v1=${hex}`, 1],
    [`v1=${hex},t=1`, 1],
    [`t=1,v1=${hex.toUpperCase()},v0=${hex}`, 1],
    [`t=1,__proto__=${hex},v1=${hex}`, 1],
    [`t=1,${`v1=${hex},`.repeat(15)}v1=${hex}`, 16],
    [`t=1,${`v1=${hex},`.repeat(16)}v1=${hex}`, 'too-many'],
    [`${`v1=${hex},`.repeat(17)}v1=${hex}`, 'too-many'],
    [`t=1,t=1,v1=${hex}`, 'duplicate'],
    [`t=1,v1=${hex},t=2`, 'duplicate'],
    [`t=1,v0=${hex}`, 'unknown-version'],
    [`t=1,__proto__=${hex}`, 'unknown-version'],
    [`t=1,constructor=${hex}`, 'unknown-version'],
    ['t=1', 'missing'],
    ['t=1,v1=', 'malformed'],
    ['t=1,v1=potato', 'malformed'],
    [`t=1, v1=${hex}`, 'malformed'],
    [`t=1,v1=${hex},`, 'malformed'],
    [`t=1,,v1=${hex}`, 'malformed'],
    [`t=1,v1 =${hex}`, 'malformed'],
    [`t=1,v1=${hex}, t=2,v1=${hex}`, 'malformed'],
    [`t=1;v1=${hex}`, 'missing'],
    [`t=1,=${hex}`, 'malformed'],
    ['t', 'malformed'],
  ])('%s', (field, expected) => {
    expect(read(pairs, field)).toBe(expected)
  })
})

describe('one signature after a constant', () => {
  test.each<[string, number | string]>([
    [`sha256=${hex}`, 1],
    [`sha256=${hex.toUpperCase()}`, 1],
    [`SHA256=${hex}`, 'malformed'],
    [`sha1=${hex}`, 'malformed'],
    [hex, 'malformed'],
    [`sha256=${hex},sha256=${hex}`, 'malformed'],
    [`sha256= ${hex}`, 'malformed'],
    ['sha256=', 'malformed'],
  ])('%s', (field, expected) => {
    expect(read(prefixed, field)).toBe(expected)
  })
})

test('a weaker version does not stand in for a stronger one that is there', () => {
  const carrier: SignatureCarrier = {
    signature: 'x',
    syntax: { form: 'pairs', separator: ',' },
    variants: [
      { label: 'v1', algorithm: 'hmac-sha256', encoding: 'hex' },
      { label: 'v0', algorithm: 'hmac-sha256', encoding: 'hex' },
    ],
    strongestOnly: true,
  }
  expect(parseSignatures([`v0=${hex},v1=${hex}`], carrier, new Set())).toMatchObject({
    candidates: [{ variant: { label: 'v1' } }],
  })
  expect(parseSignatures([`v0=${hex},v1=${hex.slice(2)}`], carrier, new Set())).toBe('malformed')
  expect(parseSignatures([`v0=${hex}`], carrier, new Set())).toMatchObject({
    candidates: [{ variant: { label: 'v0' } }],
  })
})

test('no text makes the parser throw, and no more than 16 candidates ever come of it', () => {
  const junk = fc.array(
    fc.oneof(
      fc.constantFrom('v1', 'v1a', 't', '=', ',', ';', ' ', ', ', base64, hex, '__proto__'),
      fc.string({ unit: 'binary' }),
    ),
  )
  fc.assert(
    fc.property(junk, fc.constantFrom(labelled, pairs, prefixed), (parts, carrier) => {
      const count = read(carrier, parts.join(''))
      expect(typeof count === 'string' || (count >= 1 && count <= 16)).toBe(true)
    }),
  )
})

test('a field as long as a server lets through is cut off at the seventeenth signature', () => {
  const long = `t=1,${`v1=${hex},`.repeat(20_000)}`
  expect(read(pairs, long)).toBe('too-many')
  expect(read(labelled, 'v1,x '.repeat(200_000))).toBe('too-many')
})
