import { describe, expect, test } from 'vitest'
import type { HttpSignatureAlgorithm } from './crypto.js'
import type { HttpRequest } from './http-message.js'
import { signingKey, verificationKey } from './key.js'
import type { HttpSignaturePolicy } from './policy.js'
import { signRequest } from './sign.js'
import { verifyRequest, verifyResponse } from './verify.js'

/** RFC 9421 appendix B.1: public test keys, of use to nobody. */
const ed25519 = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU',
  x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
}
const secret = Buffer.from(
  'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
  'base64',
)
const p256 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
  y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0',
}

/** `test-request` of appendix B.2. */
const testRequest: HttpRequest = {
  method: 'POST',
  url: 'https://example.com/foo?param=Value&Pet=dog',
  headers: {
    Host: 'example.com',
    Date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'Content-Type': 'application/json',
    'Content-Digest':
      'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
    'Content-Length': '18',
  },
  body: '{"hello": "world"}',
}
const created = 1618884473

const policyFor = (algorithm: HttpSignatureAlgorithm): HttpSignaturePolicy => ({
  required: [],
  maxAgeSeconds: 0,
  algorithms: [algorithm],
})

describe('signing makes the very signatures of RFC 9421, where they are deterministic', () => {
  test('B.2.5: hmac-sha256', async () => {
    const key = signingKey({ algorithm: 'hmac-sha256', key: secret, keyid: 'test-shared-secret' })
    const components = ['date', '@authority', 'content-type']
    const { headers } = await signRequest(testRequest, {
      key,
      components,
      label: 'sig-b25',
      nowMs: created * 1000,
    })
    expect(headers).toMatchObject({
      'signature-input': 'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
      signature: 'sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:',
    })
  })

  test('B.2.6: ed25519', async () => {
    const key = signingKey({ algorithm: 'ed25519', key: ed25519, keyid: 'test-key-ed25519' })
    const components = ['date', '@method', '@path', '@authority', 'content-type', 'content-length']
    const { headers } = await signRequest(testRequest, {
      key,
      components,
      label: 'sig-b26',
      nowMs: created * 1000,
    })
    expect(headers).toMatchObject({
      'signature-input':
        'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      signature: 'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
    })
  })

  test('B.4: the request that proxies may transform', async () => {
    const key = signingKey({ algorithm: 'ed25519', key: ed25519, keyid: 'test-key-ed25519' })
    const request = {
      method: 'GET',
      url: 'https://example.org/demo?name1=Value1&Name2=value2',
      headers: { Date: 'Fri, 15 Jul 2022 14:24:55 GMT', Accept: ['application/json', '*/*'] },
    }
    const components = ['@method', '@path', '@authority', 'accept']
    const signed = await signRequest(request, { key, components, label: 'transform', nowMs: created * 1000 })
    expect(signed.headers).toMatchObject({
      signature: 'transform=:ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==:',
    })
  })
})

describe('a response that signs what it answers (section 2.4)', () => {
  const response = {
    status: 503,
    headers: {
      Date: 'Tue, 20 Apr 2021 02:07:56 GMT',
      'Content-Type': 'application/json',
      'Content-Length': '62',
      'Content-Digest':
        'sha-512=:0Y6iCBzGg5rZtoXS95Ijz03mslf6KAMCloESHObfwnHJDbkkWWQz6PhhU9kxsTbARtY2PTBOzq24uJFpHsMuAg==:',
      'Signature-Input':
        'reqres=("@status" "content-digest" "content-type" "@authority";req "@method";req "@path";req "content-digest";req);created=1618884479;keyid="test-key-ecc-p256"',
      Signature: 'reqres=:dMT/A/76ehrdBTD/2Xx8QuKV6FoyzEP/I9hdzKN8LQJLNgzU4W767HK05rx1i8meNQQgQPgQp8wq2ive3tV5Ag==:',
    },
    body: '{"busy": true, "message": "Your call is very important to us"}',
  }
  const longer = {
    ...response,
    headers: {
      ...response.headers,
      'Signature-Input':
        'reqres=("@status" "content-digest" "content-type" "@authority";req "@method";req "@path";req "@query";req "content-digest";req "content-type";req "content-length";req);created=1618884479;keyid="test-key-ecc-p256"',
      Signature: 'reqres=:C73J41GVKc+TYXbSobvZf0CmNcptRiWN+NY1Or0A36ISg6ymdRN6ZgR2QfrtopFNzqAyv+CeWrMsNbcV2Ojsgg==:',
    },
  }
  const options = {
    keys: verificationKey({ algorithm: 'ecdsa-p256-sha256', key: p256, keyid: 'test-key-ecc-p256' }),
    policy: policyFor('ecdsa-p256-sha256'),
    request: testRequest,
    nowMs: 1618884479_000,
  }
  const reasonFor = async (...given: Parameters<typeof verifyResponse>) => {
    const verification = await verifyResponse(...given)
    return verification.isValid ? 'valid' : verification.reason
  }

  test('verifies with its request', async () => {
    expect(await reasonFor(response, options)).toBe('valid')
    expect(await reasonFor(longer, options)).toBe('valid')
  })

  test('does not verify as the answer to another, or to none', async () => {
    expect(await reasonFor(response, { ...options, request: { ...testRequest, method: 'PUT' } })).toBe('mismatch')
    const { request: _, ...alone } = options
    expect(await reasonFor(response, alone)).toBe('absent-component')
    expect(await reasonFor({ ...response, status: 200 }, options)).toBe('mismatch')
    expect(await reasonFor({ ...response, body: '{"busy": false}' }, options)).toBe('digest-mismatch')
  })
})

test('a signature of a request that covers a status is refused, though its text could be made', async () => {
  const headers = {
    'signature-input': 'a=("@status");created=1618884473',
    signature: `a=:${Buffer.alloc(32).toString('base64')}:`,
  }
  const keys = verificationKey({ algorithm: 'hmac-sha256', key: secret })
  const found = await verifyRequest({ ...testRequest, headers }, { keys, policy: policyFor('hmac-sha256') })
  expect(found).toEqual({ isValid: false, reason: 'absent-component' })
})
