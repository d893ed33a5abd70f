import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import {
  contentDigest,
  type HttpSignatureAlgorithm,
  httpSignatureAlgorithms,
  signingKey,
  signRequest,
  signResponse,
  verificationKey,
  verifyRequest,
  verifyResponse,
} from '@latchkey/http-signatures'
import { createSigner, createVerifier, httpbis } from 'http-message-signatures'
import { describe, expect, test } from 'vitest'

const publicKeyEncoding = { type: 'spki', format: 'pem' } as const
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const

/** A pair in PEM, or one secret twice. */
const pairs: Readonly<Record<HttpSignatureAlgorithm, { publicKey: string; privateKey: string }>> = {
  'rsa-pss-sha512': generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding }),
  'rsa-v1_5-sha256': generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding }),
  'hmac-sha256': { publicKey: 'a shared secret', privateKey: 'a shared secret' },
  'ecdsa-p256-sha256': generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding, privateKeyEncoding }),
  'ecdsa-p384-sha384': generateKeyPairSync('ec', { namedCurve: 'P-384', publicKeyEncoding, privateKeyEncoding }),
  ed25519: generateKeyPairSync('ed25519', { publicKeyEncoding, privateKeyEncoding }),
}

const body = '{"type":"payment.settled","text":"ünïcode"}'
const request = {
  method: 'POST',
  url: 'https://API.example.com/hooks/a%20b?param=va%20lue&Pet=dog&empty=',
  headers: {
    'content-digest': contentDigest(body, 'sha-512'),
    'content-type': 'application/json',
    'x-list': ['one', 'two'],
    'example-dict': 'a=1,    b=2;x=1;y=2,   c=(a   b   c)',
  },
  body,
}
/** Each with the parameters that both sides know. */
const components = [
  '@method',
  '@authority',
  '@scheme',
  '@path',
  '@query',
  '@query-param;name="Pet"',
  '@query-param;name="param"',
  '@query-param;name="empty"',
  'content-digest',
  'content-type',
  'x-list',
  'example-dict;key="b"',
  'content-type;bs',
]
const response = { status: 201, headers: { 'content-type': 'application/json' }, body: '{}' }
const covered = ['@status', 'content-type', '@method;req', '@path;req', 'content-digest;req']

/** Left to itself the library takes the longest salt that the key allows, where RFC 9421 section 3.3.1 says 64 bytes. */
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }

describe.each(httpSignatureAlgorithms)('%s, with http-message-signatures', (algorithm) => {
  const { publicKey, privateKey } = pairs[algorithm]
  const isMac = algorithm === 'hmac-sha256'
  const theirSigner =
    algorithm === 'rsa-pss-sha512'
      ? { id: 'key', alg: algorithm, sign: async (data: Buffer) => sign('sha512', data, { key: privateKey, ...pss }) }
      : createSigner(isMac ? privateKey : createPrivateKey(privateKey), algorithm, 'key')
  const theirVerifier = createVerifier(isMac ? publicKey : createPublicKey(publicKey), algorithm)
  const keyLookup = async () => ({ id: 'key', algs: [algorithm], verify: theirVerifier })
  const key = signingKey({ algorithm, key: privateKey, keyid: 'key' })
  const verifying = (required: readonly string[]) => ({
    keys: verificationKey({ algorithm, key: publicKey, keyid: 'key' }),
    policy: { required, maxAgeSeconds: 60, algorithms: [algorithm] },
  })

  test('verifies a request that is signed here, and none that is tampered with', async () => {
    const signed = await signRequest(request, { key, components, namesAlgorithm: true, expiresInSeconds: 60 })
    expect(await httpbis.verifyMessage({ keyLookup }, signed)).toBe(true)
    expect(await httpbis.verifyMessage({ keyLookup }, { ...signed, method: 'PUT' })).toBe(false)
  })

  test('signs a request that verifies here, and does not once it is tampered with', async () => {
    const signed = await httpbis.signMessage({ key: theirSigner, fields: components }, request)
    const options = verifying(['@method', '@query-param;name="Pet"', 'content-digest'])
    expect(await verifyRequest(signed, options)).toMatchObject({ isValid: true })
    for (const tampered of [
      { ...signed, method: 'PUT' },
      { ...signed, url: signed.url.replace('dog', 'cat') },
      { ...signed, headers: { ...signed.headers, 'x-list': ['one', 'three'] } },
      { ...signed, body: '{}' },
    ]) {
      expect(await verifyRequest(tampered, options)).toMatchObject({ isValid: false })
    }
  })

  test('verifies a response that is signed here as the answer to its request', async () => {
    const signed = await signResponse(response, { key, components: covered, request, namesAlgorithm: true })
    expect(await httpbis.verifyMessage({ keyLookup }, signed, request)).toBe(true)
    expect(await httpbis.verifyMessage({ keyLookup }, signed, { ...request, method: 'PUT' })).toBe(false)
  })

  test('signs a response that verifies here as the answer to its request', async () => {
    const signed = await httpbis.signMessage({ key: theirSigner, fields: covered }, response, request)
    const options = verifying(covered)
    expect(await verifyResponse(signed, { ...options, request })).toMatchObject({ isValid: true })
    expect(await verifyResponse(signed, { ...options, request: { ...request, method: 'PUT' } })).toMatchObject({
      isValid: false,
    })
  })
})
