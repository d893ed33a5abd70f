import { generateKeyPairSync, type KeyObject, sign as nodeSign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { defineScheme } from './scheme-model/define-scheme.js'
import type { SecretKind, SignatureAlgorithm } from './scheme-model/scheme.js'
import { discord } from './schemes/discord.js'
import { sendgrid } from './schemes/sendgrid.js'
import { sign } from './sign.js'
import { verify } from './verify.js'

const body = '{"type":"payment.settled"}'
const pem = (key: KeyObject) => String(key.export({ format: 'pem', type: key.type === 'public' ? 'spki' : 'pkcs8' }))
const spki = (key: KeyObject) => key.export({ format: 'der', type: 'spki' })

/** A scheme over the body alone. */
const over = (algorithm: SignatureAlgorithm, kinds: readonly SecretKind[]) =>
  defineScheme({
    name: 'own',
    carriers: [{ signature: 'x-signature', syntax: { form: 'bare' }, variants: [{ algorithm, encoding: 'base64' }] }],
    content: ['body'],
    secrets: [...kinds.map((kind) => ({ encoding: 'pem', kind }) as const), { encoding: 'base64', kind: kinds[0]! }],
  })

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed25519 = generateKeyPairSync('ed25519')

const cases = [
  {
    name: 'RSA with PKCS #1 v1.5',
    scheme: over('rsa-v1_5-sha256', ['rsa-public', 'rsa-private']),
    keys: rsa,
    theirs: () => nodeSign('sha256', Buffer.from(body), rsa.privateKey),
  },
  {
    name: 'ECDSA in DER',
    scheme: over('ecdsa-p256-der', ['p256-public', 'p256-private']),
    keys: p256,
    theirs: () => nodeSign('sha256', Buffer.from(body), p256.privateKey),
  },
  {
    name: 'ECDSA as two numbers',
    scheme: over('ecdsa-p256-p1363', ['p256-public', 'p256-private']),
    keys: p256,
    theirs: () => nodeSign('sha256', Buffer.from(body), { key: p256.privateKey, dsaEncoding: 'ieee-p1363' }),
  },
  {
    name: 'Ed25519',
    scheme: over('ed25519', ['ed25519-public', 'ed25519-private']),
    keys: ed25519,
    theirs: () => nodeSign(null, Buffer.from(body), ed25519.privateKey),
  },
]

describe.each(cases)('$name', ({ scheme, keys, theirs }) => {
  const isValid = async (secret: string, signature: string, message = body) =>
    (await verify(scheme({ secrets: [secret] }), { headers: { 'x-signature': signature }, body: message })).isValid

  test('what node signs verifies under the public key in PEM and in SPKI', async () => {
    const signature = theirs().toString('base64')
    for (const key of [pem(keys.publicKey), spki(keys.publicKey).toString('base64')]) {
      expect(await isValid(key, signature)).toBe(true)
      expect(await isValid(key, signature, `${body} `)).toBe(false)
    }
  })

  test('what we sign verifies, and is of another message once a bit is flipped', async () => {
    const { 'x-signature': signature = '' } = sign(scheme, { body }, pem(keys.privateKey))
    expect(await isValid(pem(keys.publicKey), signature)).toBe(true)
    const bytes = Buffer.from(signature, 'base64')
    for (const at of [0, 1, 5, bytes.length - 1]) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 1
      expect(await isValid(pem(keys.publicKey), flipped.toString('base64'))).toBe(false)
    }
  })

  test('a private key does not verify, and a key of another kind is none', () => {
    expect(() => scheme({ secrets: [pem(keys.privateKey)] })).toThrow(/a signing key/)
    for (const other of [rsa, p256, ed25519].filter(
      (pair) => pair.publicKey.asymmetricKeyType !== keys.publicKey.asymmetricKeyType,
    )) {
      expect(() => scheme({ secrets: [pem(other.publicKey)] })).toThrow(ConfigurationError)
    }
  })
})

describe('keys that prove nothing are refused at construction', () => {
  test.each([
    ['the identity', `01${'00'.repeat(31)}`],
    ['the identity with a sign', `01${'00'.repeat(30)}80`],
    ['zero', '00'.repeat(32)],
    ['minus one', `ec${'ff'.repeat(30)}7f`],
    ['a point of order eight', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['another point of order eight', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['the prime, which is zero', `ed${'ff'.repeat(30)}7f`],
    ['more than the prime', `f0${'ff'.repeat(31)}`],
  ])('%s', (_, publicKey) => {
    expect(() => discord({ secrets: [publicKey] })).toThrow(/must be a key of ed25519-public/)
  })

  test('RSA of 1024 bits, a curve that is not P-256, and PEM with something behind it', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
    expect(() => cases[0]!.scheme({ secrets: [pem(weak.publicKey)] })).toThrow(/must be a key of rsa-public/)
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    expect(() => sendgrid({ secrets: [pem(other.publicKey)] })).toThrow(/must be a key of p256-public/)
    expect(() => sendgrid({ secrets: [`${pem(p256.publicKey)}and more`] })).toThrow(/cannot be decoded/)
  })

  test('a public key in PEM is never taken for a shared text', () => {
    const hmac = defineScheme({
      ...discord.scheme,
      carriers: [{ ...discord.scheme.carriers[0]!, variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }] }],
      secrets: [{ encoding: 'utf8', kind: 'hmac' }],
    })
    expect(() => hmac({ secrets: [pem(rsa.publicKey)] })).toThrow(/must be a text/)
  })

  test('nothing of a key stands in the complaint', () => {
    const secret = pem(p256.privateKey)
    const digits = secret.split('\n')[1]!
    try {
      sendgrid({ secrets: [secret.replace('END', 'EMD')] })
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain(digits)
    }
  })
})

test('S of Ed25519 has one spelling: with the order added it is refused', async () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const message = Buffer.from(`1700000000${body}`)
  const signature = nodeSign(null, message, ed25519.privateKey)
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order
  const other = Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse(),
  ])
  const headers = (bytes: Buffer) => ({
    'x-signature-ed25519': bytes.toString('hex'),
    'x-signature-timestamp': '1700000000',
  })
  const scheme = discord({ secrets: [pem(ed25519.publicKey)] })
  const at = { nowMs: 1_700_000_000_000 }
  expect((await verify(scheme, { headers: headers(signature), body }, at)).isValid).toBe(true)
  expect((await verify(scheme, { headers: headers(other), body }, at)).isValid).toBe(false)
})
