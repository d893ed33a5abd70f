import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError, StoreError } from '../../errors.js'
import { keyHasher } from './digest.js'

const key = 'acme_live_0123456789AB_CDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs4PbjwE'
/** Computed with another implementation (Python's hashlib and hmac). */
const sha256 = 'FBUoyvr88JOkVpy-aGCpXVoNXAbVVrJ-RF1fzUHy5mw'
const underText = 'o6V6eDHNJ2c4pivmCTw_3dtPfEAvqThaNmwZdKTSemQ'
const underBytes = 't7-SGJ4puoSoVdoOt80qBoCFBFkPY_kzeCwmk5gxs-I'

const text = 'p'.repeat(32)
const bytes = Uint8Array.from({ length: 64 }, (_, index) => index + 1)
const rotated = { current: 'new', secrets: { old: text, new: bytes } }

describe('the digest at rest', () => {
  test('is SHA-256 of the whole key where there is no pepper', () => {
    expect(keyHasher(undefined).hash(key)).toEqual({ algorithm: 'sha256', pepperId: null, digest: sha256 })
  })

  test('is HMAC-SHA-256 of the whole key under the current pepper', () => {
    const hasher = keyHasher({ current: 'old', secrets: { old: text } })
    expect(hasher.hash(key)).toEqual({ algorithm: 'hmac-sha256', pepperId: 'old', digest: underText })
    expect(keyHasher(rotated).hash(key)).toEqual({ algorithm: 'hmac-sha256', pepperId: 'new', digest: underBytes })
  })

  test('is the one that node:crypto computes, whatever the key', () => {
    const hasher = keyHasher({ current: 'p', secrets: { p: text } })
    fc.assert(
      fc.property(fc.string(), (any) => {
        expect(keyHasher(undefined).hash(any).digest).toBe(createHash('sha256').update(any).digest('base64url'))
        expect(hasher.hash(any).digest).toBe(createHmac('sha256', text).update(any).digest('base64url'))
      }),
    )
  })

  test('that was made before the pepper was rotated, or before there was one, is right as ever', () => {
    const hasher = keyHasher(rotated)
    expect(hasher.matches(key, { algorithm: 'hmac-sha256', pepperId: 'old', digest: underText })).toBe(true)
    expect(hasher.matches(key, { algorithm: 'hmac-sha256', pepperId: 'new', digest: underBytes })).toBe(true)
    expect(hasher.matches(key, { algorithm: 'sha256', pepperId: null, digest: sha256 })).toBe(true)
  })

  test('is compared with what its row says it is, and with nothing else', () => {
    const hasher = keyHasher(rotated)
    expect(hasher.matches(key, { algorithm: 'hmac-sha256', pepperId: 'old', digest: underBytes })).toBe(false)
    expect(hasher.matches(key, { algorithm: 'hmac-sha256', pepperId: 'old', digest: sha256 })).toBe(false)
    expect(hasher.matches(`${key} `, { algorithm: 'sha256', pepperId: null, digest: sha256 })).toBe(false)
  })

  test('of no row equals no key', () => {
    expect(keyHasher(undefined).matches(key, undefined)).toBe(false)
    expect(keyHasher(rotated).matches(key, undefined)).toBe(false)
  })

  test.each(['', 'short', sha256.slice(1), `${sha256}=`, sha256.replace('-', '+'), null, undefined, 43, {}])(
    'that cannot be one (%j) equals no key',
    (digest) => {
      const row = { algorithm: 'sha256', pepperId: null, digest: digest as string }
      expect(keyHasher(undefined).matches(key, row)).toBe(false)
    },
  )

  test.each([
    ['under a pepper that is gone', { algorithm: 'hmac-sha256', pepperId: 'gone', digest: underText }],
    ['under no pepper', { algorithm: 'hmac-sha256', pepperId: null, digest: underText }],
    ['under a pepper with the name of a property', { algorithm: 'hmac-sha256', pepperId: '__proto__', digest: sha256 }],
    ['of an algorithm of another version', { algorithm: 'blake3', pepperId: null, digest: sha256 }],
  ])('%s says nothing about the key: the store is not there', (_, row) => {
    expect(() => keyHasher(rotated).matches(key, row)).toThrow(StoreError)
    expect(() => keyHasher(undefined).matches(key, row)).toThrow(StoreError)
  })
})

describe('peppers that stop the start', () => {
  test.each([
    ['a text under 32 bytes', { current: 'p', secrets: { p: 'p'.repeat(31) } }],
    ['bytes under 32', { current: 'p', secrets: { p: new Uint8Array(31) } }],
    ['an old one under 32 bytes', { current: 'p', secrets: { p: text, old: 'short' } }],
    ['a current one that is missing', { current: 'p', secrets: { old: text } }],
    ['a current one that is undefined', { current: 'p', secrets: { p: undefined } }],
    ['a current one of the name of a property', { current: 'toString', secrets: { p: text } }],
    ['no current one', { current: undefined as unknown as string, secrets: { p: text } }],
    ['a name that is none', { current: 'p', secrets: { p: text, 'not a name': text } }],
    ['numbers', { current: 'p', secrets: { p: 32 as unknown as string } }],
    ['nothing at all', { current: 'p', secrets: undefined as unknown as Record<string, string> }],
  ])('%s', (_, peppers) => {
    expect(() => keyHasher(peppers)).toThrow(ConfigurationError)
  })

  test('and the message shows nothing of them', () => {
    const secret = 'not-so-secret-pepper'
    expect(() => keyHasher({ current: 'p', secrets: { p: secret } })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    )
  })

  test('an old one may be undefined: its rows have to wait for it', () => {
    const hasher = keyHasher({ current: 'p', secrets: { p: text, old: undefined } })
    expect(hasher.hash(key).pepperId).toBe('p')
  })

  test('what the application does with its bytes later changes nothing', () => {
    const own = Uint8Array.from(bytes)
    const hasher = keyHasher({ current: 'p', secrets: { p: own } })
    own.fill(0)
    expect(hasher.hash(key).digest).toBe(underBytes)
  })
})
