import { ConfigurationError } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { signingKey, verificationKey } from './key.js'
import { type SignMessageOptions, signRequest, signResponse } from './sign.js'
import { verifyRequest, verifyResponse } from './verify.js'

const secret = 'a secret of the tests'
const key = signingKey({ algorithm: 'hmac-sha256', key: secret, keyid: 'ours' })
const keys = verificationKey({ algorithm: 'hmac-sha256', key: secret })
const components = ['@method', '@target-uri', 'content-digest']
const policy = { required: components, maxAgeSeconds: 60, algorithms: ['hmac-sha256'] } as const
const options: SignMessageOptions = { key, components }
const url = 'https://api.example.com/payments?a=1'
const plain = { method: 'POST', url, headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' }

describe('a request of fetch', () => {
  const given = () => new Request(url, { method: 'POST', body: '{"a":1}', headers: { 'x-a': '1' } })

  test('is signed, and verifies with the body that it has', async () => {
    const request = given()
    const signed = await signRequest(request, options)
    expect(await verifyRequest(signed, { keys, policy })).toMatchObject({ isValid: true })
    expect(await signed.text()).toBe('{"a":1}')
    expect(signed.headers.get('x-a')).toBe('1')
    expect(request.headers.has('signature')).toBe(false)
    expect(await request.text()).toBe('{"a":1}')
  })

  test('with another body or another method does not verify', async () => {
    const signed = await signRequest(given(), options)
    const other = new Request(signed, { body: '{"a":2}' })
    expect(await verifyRequest(other, { keys, policy })).toEqual({ isValid: false, reason: 'digest-mismatch' })
    const put = new Request(signed.clone(), { method: 'PUT' })
    expect(await verifyRequest(put, { keys, policy })).toEqual({ isValid: false, reason: 'mismatch' })
  })

  test('without a body is signed over none', async () => {
    const signed = await signRequest(new Request(url), options)
    expect(signed.headers.get('content-digest')).toBe('sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:')
    expect(await verifyRequest(signed, { keys, policy })).toMatchObject({ isValid: true })
  })
})

test('a response of fetch is signed with what it says about its request', async () => {
  const request = new Request(url, { method: 'POST', body: '{}' })
  const covered = ['@status', 'content-digest', '@method;req', '@target-uri;req']
  const response = new Response('{"done":true}', { status: 201, headers: { 'x-a': '1' } })
  const signed = await signResponse(response, { key, components: covered, request, digest: 'sha-512' })
  const verifying = { keys, policy: { ...policy, required: covered }, request }
  expect(signed.headers.get('content-digest')).toMatch(/^sha-512=:/)
  expect(await verifyResponse(signed, verifying)).toMatchObject({ isValid: true })
  expect([signed.status, await signed.text()]).toEqual([201, '{"done":true}'])
  expect(await response.text()).toBe('{"done":true}')
  const elsewhere = { ...verifying, request: new Request('https://other.example.com/', { method: 'POST' }) }
  expect(await verifyResponse(signed, elsewhere)).toMatchObject({ isValid: false })
})

describe('a message as plain data', () => {
  test('is signed, beside its own fields', async () => {
    const signed = await signRequest(plain, options)
    expect(await verifyRequest(signed, { keys, policy })).toMatchObject({ isValid: true })
    expect(signed).toMatchObject({
      method: 'POST',
      url,
      body: '{"a":1}',
      headers: { 'Content-Type': 'application/json' },
    })
    expect(plain.headers).toEqual({ 'Content-Type': 'application/json' })
    expect(await verifyRequest({ ...signed, url: `${url}&b=2` }, { keys, policy })).toMatchObject({ isValid: false })
  })

  test('keeps the digest that it has', async () => {
    const headers = { 'Content-Digest': 'sha-256=:AAAA:' }
    const signed = await signRequest({ ...plain, headers }, options)
    expect(signed.headers).toMatchObject(headers)
  })

  test('is signed once more beside the signatures that it has, which can be covered', async () => {
    const once = await signRequest(plain, options)
    const proxied = { key, components: ['@authority', 'signature;key="sig1"'], label: 'proxy' }
    const twice = await signRequest(once, proxied)
    const both = { ...policy, required: [], labels: ['sig1', 'proxy'] }
    expect(await verifyRequest(twice, { keys, policy: both })).toMatchObject({
      isValid: true,
      signatures: [{ label: 'sig1' }, { label: 'proxy' }],
    })
    expect(Object.keys(twice.headers).filter((name) => /^signature$/i.test(name))).toHaveLength(1)
  })

  test('says what it is told to about the signature', async () => {
    const nowMs = 1_700_000_000_900
    const parameters = { expiresInSeconds: 60, nonce: 'n', tag: 't', namesAlgorithm: true, label: 'b', nowMs }
    const { headers } = await signRequest(plain, { key, components: [], ...parameters })
    expect(headers).toMatchObject({
      'signature-input': 'b=();created=1700000000;expires=1700000060;keyid="ours";alg="hmac-sha256";nonce="n";tag="t"',
    })
  })

  test('has a nonce of its own each time, where that is asked for', async () => {
    const inputs = await Promise.all([1, 2].map(() => signRequest(plain, { ...options, nonce: true })))
    const nonces = inputs.map(
      ({ headers }) => /nonce="([\w-]{22})"/.exec(String(Object(headers)['signature-input']))?.[1],
    )
    expect(new Set(nonces).size).toBe(2)
    expect(nonces).not.toContain(undefined)
  })
})

test.each<[string, Partial<SignMessageOptions>]>([
  ['a component that the message lacks', { components: ['x-absent'] }],
  ['a component twice', { components: ['@method', '@method'] }],
  ['a status of a request', { components: ['@status'] }],
  ['no component', { components: ['X-Upper'] }],
])('%s cannot be signed', async (_, changed) => {
  await expect(signRequest(plain, { ...options, ...changed })).rejects.toThrow(ConfigurationError)
})

test('a label is given once', async () => {
  const signed = await signRequest(plain, options)
  await expect(signRequest(signed, options)).rejects.toThrow(/has the label "sig1" already/)
})
