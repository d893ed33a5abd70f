import { createHash } from 'node:crypto'
import { ConfigurationError, memoryStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { privateKey } from './certificates.test.kit.js'
import { ed25519, p256, publicHalf, tokenOf } from './jwt-keys.test.kit.js'
import type { JwtSignatureOptions, JwtSignatureRules } from './jwt-options.js'
import { jwtSignature, jwtSignatureVerifier } from './jwt-signature.js'
import { ask, hosts, nowMs, requestOf } from './key-host.test.kit.js'
import { remoteJwks } from './remote-jwks.js'

const body = '{"a":1}'
const rsa = publicHalf(privateKey)
const sha256 = (encoding: 'hex' | 'base64') => createHash('sha256').update(body).digest(encoding)
const now = () => nowMs
const setUrl = 'https://auth.example.test/jwks.json'
const setOf = (...keys: object[]) => remoteJwks(setUrl, { fetch: hosts({ [setUrl]: JSON.stringify({ keys }) }), now })

const rules: JwtSignatureRules = {
  name: 'sender',
  header: 'X-Token',
  algorithms: ['RS256', 'ES256', 'EdDSA'],
  publicKeys: [rsa.publicKey, p256.publicKey, ed25519.publicKey],
  bodyDigest: { claim: 'digest', encoding: 'hex' },
  maxAgeSeconds: 300,
  now,
}
const claims = { iat: nowMs / 1000, digest: sha256('hex') }

async function verdict(token: string, more: Partial<JwtSignatureRules> = {}, text = body): Promise<string> {
  const found = await jwtSignatureVerifier({ ...rules, ...more })({ headers: { 'x-token': token }, body: text })
  return found.isValid ? 'valid' : found.reason
}

test('of several keys and algorithms any that fit may have signed', async () => {
  expect(await verdict(tokenOf({ alg: 'RS256' }, claims, privateKey))).toBe('valid')
  expect(await verdict(tokenOf({ alg: 'ES256' }, claims, p256.privateKey))).toBe('valid')
  expect(await verdict(tokenOf({ alg: 'EdDSA' }, claims, ed25519.privateKey))).toBe('valid')
  expect(await verdict(tokenOf({ alg: 'ES256' }, claims, p256.privateKey), { algorithms: ['RS256'] })).toBe(
    'wrong-algorithm',
  )
  expect(await verdict(tokenOf({ alg: 'RS256' }, claims, privateKey), { publicKeys: [p256.publicKey] })).toBe(
    'mismatch',
  )
})

test('a public key is never taken for a secret, and no token goes unsigned', async () => {
  for (const alg of ['HS256', 'HS384', 'HS512']) {
    expect(await verdict(tokenOf({ alg }, claims, rsa.publicKey))).toBe('wrong-algorithm')
  }
  for (const alg of ['none', 'None', 'NONE', '', undefined, null, ['RS256']]) {
    expect(['wrong-algorithm', 'malformed']).toContain(await verdict(tokenOf({ alg }, claims)))
  }
  const secrets = { algorithms: ['HS256'] as const, publicKeys: undefined, secrets: ['a secret'] }
  expect(await verdict(tokenOf({ alg: 'HS256' }, claims, 'a secret'), secrets as never)).toBe('valid')
  expect(await verdict(tokenOf({ alg: 'HS256' }, claims, 'another'), secrets as never)).toBe('mismatch')
})

test('what a header says that is not understood is refused (RFC 7515 section 4.1.11)', async () => {
  for (const header of [{ crit: ['b64'], b64: false }, { crit: ['x'], x: 1 }, { crit: [] }]) {
    expect(await verdict(tokenOf({ alg: 'RS256', ...header }, claims, privateKey))).not.toBe('valid')
  }
  for (const text of ['[]', '"text"', 'null', '{', '1']) {
    expect(await verdict(tokenOf({ alg: 'RS256' }, text, privateKey))).toBe('malformed')
  }
  expect(await verdict(tokenOf({ alg: 'RS256', kid: 1 }, claims, privateKey))).toBe('malformed')
  expect(await verdict(tokenOf({ alg: 'RS256' }, { ...claims, x: 'y'.repeat(20_000) }, privateKey))).toBe('malformed')
})

test('claims have to be as they are wanted, their own and of their type', async () => {
  const signed = (more: object) => tokenOf({ alg: 'RS256' }, { ...claims, ...more }, privateKey)
  const wants = { issuer: 'us', audience: ['a', 'b'], claims: { level: 3 }, requiredClaims: ['sub'] }
  const good = { iss: 'us', aud: 'b', level: 3, sub: 's' }
  expect(await verdict(signed(good), wants)).toBe('valid')
  expect(await verdict(signed({ ...good, aud: ['x', 'a'] }), wants)).toBe('valid')
  for (const wrong of [
    { iss: 'them' },
    { iss: undefined },
    { aud: 'c' },
    { aud: undefined },
    { level: '3' },
    { level: undefined },
    { sub: undefined },
  ]) {
    expect([wrong, await verdict(signed({ ...good, ...wrong }), wants)]).toEqual([wrong, 'wrong-claim'])
  }
  expect(await verdict(signed({}), { claims: { toString: 'x' } as never })).toBe('wrong-claim')
})

test('a time that is over, or not yet come, is judged with a minute of grace', async () => {
  const signed = (more: object) => tokenOf({ alg: 'RS256' }, { ...claims, ...more }, privateKey)
  const at = nowMs / 1000
  expect(await verdict(signed({ exp: at - 59 }))).toBe('valid')
  expect(await verdict(signed({ exp: at - 61 }))).toBe('stale')
  expect(await verdict(signed({ nbf: at + 61 }))).toBe('future')
  expect(await verdict(signed({ iat: at - 301 }))).toBe('stale')
  expect(await verdict(signed({ iat: at - 301 }), { maxAgeSeconds: 0 })).toBe('valid')
  expect(await verdict(signed({ iat: undefined }), { maxAgeSeconds: 0 })).toBe('valid')
})

describe('keys of a set', () => {
  const token = (kid?: string) => tokenOf({ alg: 'RS256', ...(kid !== undefined && { kid }) }, claims, privateKey)
  const withSet = (set: ReturnType<typeof remoteJwks>) => ({ publicKeys: set })

  test('are found by their id, and without one all that fit are tried', async () => {
    const set = setOf({ ...p256.jwk, kid: 'a' }, { ...rsa.jwk, kid: 'b' })
    expect(await verdict(token('b'), withSet(set))).toBe('valid')
    expect(await verdict(token('a'), withSet(set))).toBe('mismatch')
    expect(await verdict(token('c'), withSet(set))).toBe('unknown-key')
    expect(await verdict(token(), withSet(set))).toBe('valid')
  })

  test.each<[string, object]>([
    ['for something else', { use: 'enc' }],
    ['for another algorithm', { alg: 'PS256' }],
    ['for signing alone', { key_ops: ['sign'] }],
  ])('that are %s do not count', async (_, more) => {
    expect(await verdict(token('b'), withSet(setOf({ ...rsa.jwk, kid: 'b', ...more })))).toBe('unknown-key')
  })

  test('that are symmetric never count', async () => {
    const k = Buffer.from('a secret').toString('base64url')
    const set = setOf({ kty: 'oct', k, kid: 'b', alg: 'RS256' })
    expect(await verdict(tokenOf({ alg: 'HS256', kid: 'b' }, claims, 'a secret'), withSet(set))).toBe('wrong-algorithm')
    expect(await verdict(token('b'), withSet(set))).toBe('unknown-key')
  })

  test('that cannot be had are an error, and 503 of the guard', async () => {
    const set = remoteJwks(setUrl, { fetch: hosts({ [setUrl]: 500 }), now })
    await expect(verdict(token('b'), withSet(set))).rejects.toMatchObject({ fault: 'status' })
    const guard = jwtSignature({ ...rules, publicKeys: set, store: memoryStore() })
    expect(await ask(guard, requestOf({ 'x-token': token('b') }, body))).toMatchObject({ status: 503 })
  })
})

test.each<[string, Partial<Record<keyof JwtSignatureOptions, unknown>>]>([
  ['name', { name: 'No Name' }],
  ['header', { header: 'a b' }],
  ['algorithms', { algorithms: [] }],
  ['algorithms', { algorithms: undefined }],
  ['algorithms', { algorithms: ['none'] }],
  ['algorithms', { algorithms: ['HS256', 'RS256'] }],
  ['publicKeys', { algorithms: ['RS256'], secrets: ['s'] }],
  ['secrets', { algorithms: ['HS256'] }],
  ['secrets', { algorithms: ['HS256'], publicKeys: undefined, secrets: [' '] }],
  ['secrets', { algorithms: ['HS256'], publicKeys: undefined, secrets: [rsa.publicKey] }],
  ['publicKeys', { publicKeys: [privateKey] }],
  ['publicKeys', { publicKeys: ['no key'] }],
  ['publicKeys', { publicKeys: [] }],
  ['audience', { bodyDigest: 'unsigned' }],
  ['bodyDigest', { bodyDigest: { claim: 'x', encoding: 'md5' } }],
  ['maxAgeSeconds', { maxAgeSeconds: undefined }],
])('an impossible %s is refused', (name, wrong) => {
  const make = () => jwtSignature({ ...rules, store: memoryStore(), ...wrong } as JwtSignatureOptions)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(new RegExp(name))
})
