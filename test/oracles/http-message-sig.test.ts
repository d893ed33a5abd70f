import { createHmac, timingSafeEqual } from 'node:crypto'
import { contentDigest, signingKey, signRequest, verificationKey, verifyRequest } from '@latchkey/http-signatures'
import { createSignature, verifySignature, webcrypto } from 'http-message-sig'
import { beforeAll, describe, expect, test } from 'vitest'

const secret = 'a shared secret'
const body = '{"type":"payment.settled"}'
const url = 'https://api.example.com/hooks?param=va%20lue&Pet=dog'
const digest = contentDigest(body)
const given = () => new Request(url, { method: 'POST', body, headers: { 'content-digest': digest, 'x-a': ' 1 ' } })

const mac = (data: Uint8Array) => createHmac('sha256', secret).update(data).digest()
const theirs = {
  algorithm: 'hmac-sha256',
  sign: (data: Uint8Array) => new Uint8Array(mac(data)),
  verify: (data: Uint8Array, shown: Uint8Array) => timingSafeEqual(mac(data), shown),
}
/** What both sides know; no parameters but `req` there. */
const components = ['@method', '@target-uri', '@authority', '@path', '@query', 'content-digest', 'x-a']

const signedThere = async (now: number, request = given(), parameters = {}) => {
  const fields = await createSignature(request, {
    label: 'sig1',
    components,
    parameters: { created: now, keyid: 'key', ...parameters },
    signer: theirs,
  })
  const signed = new Request(request)
  signed.headers.set('signature', fields.signature)
  signed.headers.set('signature-input', fields.signatureInput)
  return signed
}

const now = Math.floor(Date.now() / 1000)
const verifying = {
  keys: verificationKey({ algorithm: 'hmac-sha256', key: secret, keyid: 'key' }),
  policy: { required: ['@method', '@target-uri', 'content-digest'], maxAgeSeconds: 60, algorithms: ['hmac-sha256'] },
} as const

describe('http-message-sig', () => {
  test('signs what verifies here', async () => {
    expect(await verifyRequest(await signedThere(now), verifying)).toMatchObject({ isValid: true })
  })

  test('signs what does not verify here once it is tampered with', async () => {
    const signed = await signedThere(now)
    for (const tampered of [
      new Request(signed.clone(), { method: 'PUT' }),
      new Request(url.replace('dog', 'cat'), signed.clone()),
      new Request(signed.clone(), { body: '{}' }),
      await signedThere(now - 61),
      await signedThere(now, given(), { keyid: 'another' }),
      await signedThere(now, given(), { alg: 'ed25519' }).catch(() => new Request(url)),
    ]) {
      expect(await verifyRequest(tampered, verifying)).toMatchObject({ isValid: false })
    }
  })

  test('verifies what is signed here, and nothing that is tampered with', async () => {
    const key = signingKey({ algorithm: 'hmac-sha256', key: secret, keyid: 'key' })
    const signed = await signRequest(given(), { key, components, namesAlgorithm: true })
    const policy = {
      algorithms: ['hmac-sha256'],
      requiredComponents: ['@method', 'content-digest'],
      requiredParameters: ['created'],
    }
    const options = { policy, resolveVerifier: () => theirs }
    expect(await verifySignature(signed.clone(), options)).toMatchObject({ label: 'sig1' })
    await expect(verifySignature(new Request(signed, { method: 'PUT' }), options)).rejects.toThrow()
  })
})

describe('http-message-sig, with WebCrypto and Ed25519', () => {
  let pair: CryptoKeyPair
  let publicJwk: Readonly<Record<string, unknown>>
  let privateJwk: Readonly<Record<string, unknown>>

  beforeAll(async () => {
    pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
    publicJwk = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)) }
    privateJwk = { ...(await crypto.subtle.exportKey('jwk', pair.privateKey)) }
  })

  test('signs what verifies here', async () => {
    const signer = webcrypto.signer(pair.privateKey)
    const request = given()
    const fields = await createSignature(request, { components, parameters: { created: now }, signer })
    request.headers.set('signature', fields.signature)
    request.headers.set('signature-input', fields.signatureInput)
    const keys = verificationKey({ algorithm: 'ed25519', key: publicJwk })
    const policy = { ...verifying.policy, algorithms: ['ed25519'] } as const
    expect(await verifyRequest(request, { keys, policy })).toMatchObject({ isValid: true })
  })

  test('verifies what is signed here', async () => {
    const key = signingKey({ algorithm: 'ed25519', key: privateJwk })
    const signed = await signRequest(given(), { key, components })
    const policy = { algorithms: ['ed25519'], requiredComponents: ['@method'], requiredParameters: ['created'] }
    const resolveVerifier = () => webcrypto.verifier(pair.publicKey)
    expect(await verifySignature(signed, { policy, resolveVerifier })).toMatchObject({ algorithm: 'ed25519' })
  })
})
