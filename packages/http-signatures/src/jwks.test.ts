import { generateKeyPairSync } from 'node:crypto'
import { ConfigurationError } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type JwksOptions, jwks } from './jwks.js'
import type { VerificationKey } from './key.js'

const url = 'https://keys.test/jwks.json'
const publicJwk = (kid: string, more = {}) => ({
  ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }),
  kid,
  ...more,
})
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })

/** A host that hands out what `keys` are at the moment, and counts. */
function host(keys: () => unknown[] = () => [publicJwk('a')], options: JwksOptions = {}) {
  const fetched = vi.fn(async (..._: Parameters<typeof fetch>) => Response.json({ keys: keys() }))
  const resolve = jwks(url, { fetch: fetched, ...options })
  const find = (keyid: string | undefined) => resolve({ keyid, alg: undefined, tag: undefined, label: 'sig1' })
  return { fetched, find, idsOf: async (keyid: string) => (await find(keyid)) as VerificationKey[] | undefined }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

test('a set is fetched once, however many wait for it, and kept', async () => {
  const { fetched, idsOf } = host()
  const found = await Promise.all(Array.from({ length: 50 }, () => idsOf('a')))
  expect(found.every((keys) => keys?.[0]?.keyid === 'a')).toBe(true)
  vi.setSystemTime(Date.now() + 599_000)
  await idsOf('a')
  expect(fetched).toHaveBeenCalledTimes(1)
  vi.setSystemTime(Date.now() + 2_000)
  await idsOf('a')
  expect(fetched).toHaveBeenCalledTimes(2)
})

test('an unknown key id costs one fetch a cooldown, and a new key is found after it', async () => {
  const keys = [publicJwk('a')]
  const { fetched, idsOf } = host(() => keys)
  expect(await idsOf('b')).toBeUndefined()
  keys.push(publicJwk('b'))
  for (let index = 0; index < 20; index++) expect(await idsOf('b')).toBeUndefined()
  expect(fetched).toHaveBeenCalledTimes(1)
  vi.setSystemTime(Date.now() + 31_000)
  expect(await idsOf('b')).toHaveLength(1)
  expect(fetched).toHaveBeenCalledTimes(2)
})

test('a signature without a key id asks nobody', async () => {
  const { fetched, find } = host()
  expect(await find(undefined)).toBeUndefined()
  expect(fetched).not.toHaveBeenCalled()
})

describe('a host that fails', () => {
  test.each<[string, () => Promise<Response>]>([
    ['is down', () => Promise.reject(new Error('refused'))],
    ['answers 500', async () => new Response('{}', { status: 500 })],
    [
      'redirects elsewhere',
      async () => new Response(null, { status: 302, headers: { location: 'https://evil.test' } }),
    ],
    ['answers no JSON', async () => new Response('<html>')],
    ['answers no set', async () => Response.json({ keys: 'none' })],
    ['never stops sending', async () => new Response(new Blob([new Uint8Array(300_000)]))],
  ])('%s: an error, told once, and no other fetch for a while', async (_, answer) => {
    const observe = vi.fn()
    const fetched = vi.fn(answer)
    const resolve = jwks(url, { fetch: fetched as typeof fetch, observe })
    const find = async () => resolve({ keyid: 'a', alg: undefined, tag: undefined, label: 'sig1' })
    await Promise.all([expect(find()).rejects.toThrow(), expect(find()).rejects.toThrow()])
    await expect(find()).rejects.toThrow()
    expect(fetched).toHaveBeenCalledTimes(1)
    expect(observe).toHaveBeenCalledTimes(1)
    expect(observe).toHaveBeenCalledWith({ type: 'jwks.fetch_failed', error: expect.any(Error) })
    vi.setSystemTime(Date.now() + 5_000)
    await expect(find()).rejects.toThrow()
    expect(fetched).toHaveBeenCalledTimes(2)
  })

  test('is back after its pause', async () => {
    let isUp = false
    const keys = [publicJwk('a')]
    const { idsOf } = host(() => {
      if (!isUp) throw new Error('down')
      return keys
    })
    await expect(idsOf('a')).rejects.toMatchObject({ fault: 'unreachable', cause: new Error('down') })
    isUp = true
    vi.setSystemTime(Date.now() + 5_000)
    expect(await idsOf('a')).toHaveLength(1)
  })
})

test('the fetch is of the one URL, follows no redirect, and ends in time', async () => {
  const { fetched, idsOf } = host()
  await idsOf('a')
  const [asked, init] = fetched.mock.calls[0]!
  expect(String(asked)).toBe(url)
  expect(init).toMatchObject({ method: 'GET', redirect: 'manual', signal: expect.any(AbortSignal) })
})

test('a key is for the algorithm that it says or that its curve has; what is no key of ours is passed over', async () => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const { idsOf } = host(() => [
    publicJwk('ed'),
    publicJwk('ed-named', { alg: 'EdDSA', use: 'sig', key_ops: ['verify'] }),
    { ...p256, kid: 'p256' },
    { ...rsa, kid: 'pss', alg: 'PS512' },
    { ...rsa, kid: 'v1_5', alg: 'RS256' },
    { ...rsa, kid: 'rsa' },
    { ...rsa, kid: 'rsa-es', alg: 'ES256' },
    { kty: 'oct', k: 'c2VjcmV0', kid: 'oct', alg: 'HS256' },
    publicJwk('enc', { use: 'enc' }),
    publicJwk('ops', { key_ops: ['sign'] }),
    publicJwk('odd', { alg: 'constructor' }),
    { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'private' },
    publicJwk('twice'),
    publicJwk('twice'),
    { ...publicJwk('no'), kid: undefined },
  ])
  const algorithmsOf = async (keyid: string) => (await idsOf(keyid))?.map(({ algorithm }) => algorithm)
  expect(await algorithmsOf('ed')).toEqual(['ed25519'])
  expect(await algorithmsOf('ed-named')).toEqual(['ed25519'])
  expect(await algorithmsOf('p256')).toEqual(['ecdsa-p256-sha256'])
  expect(await algorithmsOf('pss')).toEqual(['rsa-pss-sha512'])
  expect(await algorithmsOf('v1_5')).toEqual(['rsa-v1_5-sha256'])
  expect(await algorithmsOf('twice')).toEqual(['ed25519', 'ed25519'])
  for (const none of ['rsa', 'rsa-es', 'oct', 'enc', 'ops', 'odd', 'private', 'undefined', '__proto__']) {
    expect(await algorithmsOf(none), none).toBeUndefined()
  }
})

test.each(['http://keys.test/jwks.json', '/jwks.json', 'ftp://keys.test', '', 'https://'])('%j is refused', (wrong) => {
  expect(() => jwks(wrong)).toThrow(ConfigurationError)
})

test('a loopback address may do without TLS', () => {
  for (const local of ['http://localhost:3000/jwks', 'http://127.0.0.1/jwks', 'http://[::1]/jwks']) {
    expect(() => jwks(local)).not.toThrow()
  }
  expect(() => jwks('http://127.0.0.1.evil.test/jwks')).toThrow(ConfigurationError)
})

test.each<[keyof JwksOptions, unknown]>([
  ['maxAgeSeconds', -1],
  ['cooldownSeconds', '30'],
  ['timeoutSeconds', 0],
  ['maxBytes', 0.5],
  ['fetch', 'fetch'],
  ['observe', 'observe'],
])('an impossible %s is refused: %j', (name, value) => {
  expect(() => jwks(url, { [name]: value })).toThrow(new RegExp(name))
})
