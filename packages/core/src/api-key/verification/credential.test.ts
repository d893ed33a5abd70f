import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { GuardRequest } from '../../guard.js'
import { hasPrefix } from '../key/grammar.js'
import { type CredentialPlace, credentialLocator, defaultPlaces } from './credential.js'

const key = 'acme_live_whatever'

/** A request with these field lines, each once or several times. */
function request(lines: Readonly<Record<string, string | readonly string[]>>, url = 'http://api.test/'): GuardRequest {
  const fields = new Map(Object.entries(lines).map(([name, value]) => [name.toLowerCase(), [value].flat()]))
  return {
    method: 'GET',
    url,
    headers: {
      get: (name) => fields.get(name)?.join(', ') ?? null,
      count: (name) => fields.get(name)?.length ?? 0,
    },
    remoteAddress: undefined,
    body: () => Promise.reject(new Error('no guard of keys reads a body')),
  }
}

const isKey = (text: string) => hasPrefix(text, ['acme', 'former'])
const locate = credentialLocator(defaultPlaces, isKey)
const inAuthorization = { kind: 'key', key, isShielded: true }
const inField = { kind: 'key', key, isShielded: false }

describe('where a key is found', () => {
  test.each([
    ['Bearer', { Authorization: `Bearer ${key}` }, inAuthorization],
    ['Bearer in lower case', { Authorization: `bearer ${key}` }, inAuthorization],
    ['Bearer in mixed case', { Authorization: `bEaReR ${key}` }, inAuthorization],
    ['X-API-Key', { 'X-API-Key': key }, inField],
    ['an empty Authorization beside X-API-Key', { Authorization: '', 'X-API-Key': key }, inField],
    ['a lone Bearer beside X-API-Key', { Authorization: 'Bearer', 'X-API-Key': key }, inField],
    ['an empty X-API-Key beside Bearer', { Authorization: `Bearer ${key}`, 'X-API-Key': '' }, inAuthorization],
    ['a foreign scheme beside X-API-Key', { Authorization: 'Basic YTpi', 'X-API-Key': key }, inField],
    ['a JWT beside X-API-Key', { Authorization: 'Bearer e30.e30.c2ln', 'X-API-Key': key }, inField],
    ['a foreign X-API-Key beside Bearer', { Authorization: `Bearer ${key}`, 'X-API-Key': 'other' }, inAuthorization],
  ])('%s', (_, lines, expected) => {
    expect(locate(request(lines))).toEqual(expected)
  })

  test('a key under a former prefix is one of ours', () => {
    const { kind } = locate(request({ Authorization: 'Bearer former_live_x' }))
    expect(kind).toBe('key')
  })
})

describe('what is no credential', () => {
  test.each([
    ['nothing', {}],
    ['an empty field', { 'X-API-Key': '' }],
    ['an empty Authorization', { Authorization: '' }],
    ['a scheme without a value', { Authorization: 'Bearer' }],
    ['a scheme and a space', { Authorization: 'Bearer ' }],
    ['a foreign scheme', { Authorization: 'Basic YTpi' }],
    ['a key under a foreign scheme', { Authorization: `Token ${key}` }],
    ['a key without a scheme', { Authorization: key }],
    ['a scheme that only begins like ours', { Authorization: `Bearers ${key}` }],
    ['no space at all', { Authorization: `Bearer${key}` }],
    ['a field of another name', { X_API_Key: key, 'X-Api-Keys': key }],
  ])('%s', (_, lines) => {
    expect(locate(request(lines))).toEqual({ kind: 'missing' })
  })
})

describe('what is a credential, and not one of ours', () => {
  test.each([
    ['a JWT alone', { Authorization: 'Bearer e30.e30.c2ln' }],
    ['something else in X-API-Key', { 'X-API-Key': 'other' }],
    ['the prefix in upper case', { 'X-API-Key': key.toUpperCase() }],
    ['the prefix percent-encoded', { 'X-API-Key': key.replace('_', '%5F') }],
    ['the scheme in X-API-Key', { 'X-API-Key': `Bearer ${key}` }],
    ['two spaces', { Authorization: `Bearer  ${key}` }],
    ['a tab', { Authorization: `Bearer\t${key}` }],
    ['another prefix that begins like ours', { Authorization: 'Bearer acmes_live_x' }],
  ])('%s', (_, lines) => {
    expect(locate(request(lines))).toEqual({ kind: 'foreign' })
  })
})

describe('what is ambiguous', () => {
  test.each([
    ['Authorization twice', { Authorization: [`Bearer ${key}`, `Bearer ${key}`] }],
    ['Authorization twice, both foreign', { Authorization: ['Basic YTpi', 'Basic YTpi'] }],
    ['X-API-Key twice', { 'X-API-Key': [key, key] }],
    ['X-API-Key twice, one empty', { 'X-API-Key': ['', key] }],
    ['X-API-Key twice beside a good Bearer', { Authorization: `Bearer ${key}`, 'X-API-Key': ['a', 'b'] }],
    ['the same key in two places', { Authorization: `Bearer ${key}`, 'X-API-Key': key }],
    ['a broken key of ours beside a good one', { Authorization: 'Bearer acme_', 'X-API-Key': key }],
  ])('%s', (_, lines) => {
    expect(locate(request(lines))).toEqual({ kind: 'ambiguous' })
  })
})

describe('places of one’s own', () => {
  const places: readonly CredentialPlace[] = [
    { scheme: 'ApiKey' },
    { scheme: 'Bearer' },
    { header: 'X-Token' },
    { query: 'api_key' },
  ]
  const locateElsewhere = credentialLocator(places, isKey)

  test.each([
    ['another scheme', request({ Authorization: `apikey ${key}` }), inAuthorization],
    ['a second scheme', request({ Authorization: `Bearer ${key}` }), inAuthorization],
    ['another field', request({ 'x-token': key }), inField],
    ['the query', request({}, `http://api.test/?a=b&api_key=${key}`), inField],
    ['no parameter', request({}, 'http://api.test/?a=b'), { kind: 'missing' }],
    ['an empty parameter', request({}, 'http://api.test/?api_key='), { kind: 'missing' }],
    ['a foreign parameter', request({}, 'http://api.test/?api_key=x'), { kind: 'foreign' }],
    ['a parameter of another case', request({}, `http://api.test/?API_KEY=${key}`), { kind: 'missing' }],
    ['a parameter twice', request({}, `http://api.test/?api_key=${key}&api_key=${key}`), { kind: 'ambiguous' }],
    ['a parameter and a field', request({ 'X-Token': key }, `http://api.test/?api_key=${key}`), { kind: 'ambiguous' }],
    ['an address that is none', request({}, `//?api_key=${key}`), { kind: 'missing' }],
    ['the field that others use', request({ 'X-API-Key': key }), { kind: 'missing' }],
  ])('%s', (_, asked, expected) => {
    expect(locateElsewhere(asked)).toEqual(expected)
  })

  test('the query is not looked at unless it was asked for', () => {
    expect(locate(request({}, `http://api.test/?api_key=${key}&X-API-Key=${key}`))).toEqual({ kind: 'missing' })
  })

  test('Authorization as a field of its own is as safe from caches as with a scheme', () => {
    const bare = credentialLocator([{ header: 'Authorization' }], isKey)
    expect(bare(request({ Authorization: key }))).toEqual(inAuthorization)
  })
})

test('whatever the fields hold, the answer is one of the four', () => {
  const value = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('Bearer \u0000', 'Bearer acme_\u0000'),
  )
  fc.assert(
    fc.property(fc.array(value, { maxLength: 2 }), fc.array(value, { maxLength: 2 }), (one, other) => {
      const { kind } = locate(request({ Authorization: one, 'X-API-Key': other }))
      expect(['key', 'foreign', 'ambiguous', 'missing']).toContain(kind)
    }),
  )
})
