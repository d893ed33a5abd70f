import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import { inspect } from 'node:util'
import { ConfigurationError } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { type HttpSignatureAlgorithm, httpSignatureAlgorithms, type KeyMaterial } from './crypto.js'
import { signingKey, verificationKey } from './key.js'
import { created } from './message.test.kit.js'
import { signRequest } from './sign.js'
import { verifyRequest } from './verify.js'

const pairs = {
  'rsa-pss-sha512': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'rsa-v1_5-sha256': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'ecdsa-p256-sha256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'ecdsa-p384-sha384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ed25519: generateKeyPairSync('ed25519'),
} satisfies Partial<Record<HttpSignatureAlgorithm, KeyPairKeyObjectResult>>

const pem = ({ publicKey, privateKey }: KeyPairKeyObjectResult) => ({
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
})
const jwk = ({ publicKey, privateKey }: KeyPairKeyObjectResult) => ({
  publicKey: publicKey.export({ format: 'jwk' }) as KeyMaterial,
  privateKey: privateKey.export({ format: 'jwk' }) as KeyMaterial,
})

const request = { method: 'POST', url: 'https://api.test/hooks', headers: {}, body: '{}' }
const components = ['@method', '@target-uri', 'content-digest']

async function reasonOf(algorithm: HttpSignatureAlgorithm, signing: KeyMaterial, verifying: KeyMaterial, change = '') {
  const signed = await signRequest(request, { key: signingKey({ algorithm, key: signing }), components })
  const found = await verifyRequest(
    { ...signed, method: `POST${change}` },
    {
      keys: verificationKey({ algorithm, key: verifying }),
      policy: { required: components, maxAgeSeconds: 60, algorithms: [algorithm] },
    },
  )
  return found.isValid ? 'valid' : found.reason
}

describe.each(Object.entries(pairs))('%s', (name, pair) => {
  const algorithm = name as HttpSignatureAlgorithm

  test.each([
    ['PEM', pem(pair)],
    ['JWK', jwk(pair)],
  ])('signs and verifies with a key in %s', async (_, { publicKey, privateKey }) => {
    expect(await reasonOf(algorithm, privateKey, publicKey)).toBe('valid')
    expect(await reasonOf(algorithm, privateKey, publicKey, 'X')).toBe('mismatch')
  })

  test('verifies nothing with a signing key, and takes no key of another kind', () => {
    for (const { privateKey } of [pem(pair), jwk(pair)]) {
      expect(() => verificationKey({ algorithm, key: privateKey })).toThrow(/is a signing key/)
    }
    const others = Object.entries(pairs).filter(([other]) => other.slice(0, 3) !== name.slice(0, 3))
    for (const [, other] of others) {
      expect(() => verificationKey({ algorithm, key: pem(other).publicKey })).toThrow(/another kind/)
    }
  })
})

test('hmac-sha256 takes a secret as a text or as bytes', async () => {
  expect(await reasonOf('hmac-sha256', 'text', Buffer.from('text'))).toBe('valid')
  expect(await reasonOf('hmac-sha256', 'text', 'other')).toBe('mismatch')
})

test('the bytes of an Ed25519 public key are a key', async () => {
  const { publicKey, privateKey } = jwk(pairs.ed25519)
  const bytes = Buffer.from((publicKey as { x: string }).x, 'base64url')
  expect(await reasonOf('ed25519', privateKey, bytes)).toBe('valid')
  expect(() => verificationKey({ algorithm: 'ed25519', key: bytes.subarray(1) })).toThrow(ConfigurationError)
})

test.each<[string, HttpSignatureAlgorithm, unknown]>([
  ['a published key as a secret', 'hmac-sha256', pem(pairs.ed25519).publicKey],
  ['a blank secret', 'hmac-sha256', ' '],
  ['no bytes', 'hmac-sha256', new Uint8Array(0)],
  ['no secret', 'hmac-sha256', undefined],
  ['a JWK as a secret', 'hmac-sha256', { kty: 'oct', k: 'AAAA' }],
  ['no PEM', 'ed25519', 'MCowBQYDK2VwAyEA'],
  ['no key', 'ed25519', null],
  ['an RSA key of 1024 bits', 'rsa-v1_5-sha256', pem(generateKeyPairSync('rsa', { modulusLength: 1024 })).publicKey],
  ['an unknown algorithm', 'rsa-sha1' as HttpSignatureAlgorithm, 'text'],
])('%s is refused at construction', (_, algorithm, key) => {
  expect(() => verificationKey({ algorithm, key: key as KeyMaterial })).toThrow(ConfigurationError)
})

test('a key shows nothing of itself', () => {
  const key = verificationKey({ algorithm: 'hmac-sha256', key: 'top secret words' })
  const signing = signingKey({ algorithm: 'hmac-sha256', key: 'top secret words' })
  for (const shown of [inspect(key), JSON.stringify(key), inspect(signing), JSON.stringify(signing)]) {
    expect(shown).not.toMatch(/top secret|746f70/)
  }
})

describe('which key', () => {
  const secret = 'shared'
  const keyed = async (keyid: string | undefined, alg: boolean, keys: Parameters<typeof verifyRequest>[1]['keys']) => {
    const key = signingKey({ algorithm: 'hmac-sha256', key: secret, ...(keyid !== undefined && { keyid }) })
    const signed = await signRequest(request, { key, components, namesAlgorithm: alg, nowMs: created * 1000 })
    const policy = { required: components, maxAgeSeconds: 60, algorithms: httpSignatureAlgorithms }
    const found = await verifyRequest(signed, { keys, policy, nowMs: created * 1000 })
    return found.isValid ? found.signatures[0]?.keyid : found.reason
  }
  const one = verificationKey({ algorithm: 'hmac-sha256', key: secret, keyid: 'one' })
  const nameless = verificationKey({ algorithm: 'hmac-sha256', key: secret })
  const other = verificationKey({ algorithm: 'hmac-sha256', key: 'other', keyid: 'one' })
  const ed = verificationKey({ algorithm: 'ed25519', key: pem(pairs.ed25519).publicKey, keyid: 'one' })

  test('is told by the key id, in a list, a map or by a function', async () => {
    expect(await keyed('one', false, one)).toBe('one')
    expect(await keyed('two', false, one)).toBe('unknown-key')
    expect(await keyed('two', false, nameless)).toBe('two')
    expect(await keyed('one', false, [other, one])).toBe('one')
    expect(await keyed('one', false, [other])).toBe('mismatch')
    expect(await keyed('one', false, new Map([['one', one]]))).toBe('one')
    expect(await keyed('constructor', false, new Map([['one', one]]))).toBe('unknown-key')
    expect(await keyed(undefined, false, new Map([['one', one]]))).toBe('unknown-key')
    expect(await keyed('one', false, ({ keyid }) => (keyid === 'one' ? one : null))).toBe('one')
    expect(await keyed('two', false, async () => undefined)).toBe('unknown-key')
    expect(await keyed('two', false, () => [])).toBe('unknown-key')
    expect(await keyed('two', false, () => one)).toBe('unknown-key')
  })

  test('is for one algorithm, whatever the message says', async () => {
    expect(await keyed('one', true, one)).toBe('one')
    expect(await keyed('one', true, ed)).toBe('wrong-algorithm')
    expect(await keyed('one', false, ed)).toBe('mismatch')
    expect(await keyed('one', true, [ed, one])).toBe('one')
  })

  test('has to be there', async () => {
    for (const none of [[], {}, [undefined], new Map([['one', undefined]]), 'secret', undefined] as unknown[]) {
      await expect(keyed('one', false, none as typeof one)).rejects.toThrow(ConfigurationError)
    }
    await expect(keyed('one', false, () => 'secret' as unknown as typeof one)).rejects.toThrow(ConfigurationError)
  })
})
