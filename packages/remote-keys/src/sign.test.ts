import { createHmac, verify as nodeVerify, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { certificates, privateKey } from './certificates.test.kit.js'
import { p256 } from './jwt-keys.test.kit.js'
import { signJwt, signSns } from './sign.js'

test('what Amazon SNS signs is a name and a value a line, in the order of the names', () => {
  const message = {
    topicArn: 'arn:aws:sns:us-east-1:123456789012:MyTopic',
    message: 'Hello world!',
    subject: 'My First Message',
    messageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    timestampMs: Date.parse('2012-05-02T00:54:06.655Z'),
    certUrl: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem',
  }
  const { publicKey } = new X509Certificate(certificates.sns)
  const content = `Message
Hello world!
MessageId
22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324
Subject
My First Message
Timestamp
2012-05-02T00:54:06.655Z
TopicArn
arn:aws:sns:us-east-1:123456789012:MyTopic
Type
Notification
`
  for (const [version, hash] of [
    [1, 'sha1'],
    [2, 'sha256'],
  ] as const) {
    const { Signature } = JSON.parse(signSns({ ...message, version }, privateKey).body)
    expect(nodeVerify(hash, Buffer.from(content), publicKey, Buffer.from(Signature, 'base64'))).toBe(true)
  }
})

test('a token is header, claims and signature (RFC 7515 section 7.1)', async () => {
  const bodyDigest = { claim: 'd', encoding: 'hex' } as const
  const message = { body: 'abc', bodyDigest, claims: { iss: 'us' }, keyId: 'k', timestampMs: 1_700_000_000_999 }
  const [header = '', claims = '', signature = ''] = (
    await signJwt({ ...message, algorithm: 'HS256' }, 'secret')
  ).split('.')
  const parsed = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  expect(parsed(header)).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'k' })
  expect(parsed(claims)).toEqual({
    d: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    iss: 'us',
    iat: 1_700_000_000,
  })
  expect(signature).toBe(createHmac('sha256', 'secret').update(`${header}.${claims}`).digest('base64url'))
  const es = await signJwt({ body: '', algorithm: 'ES256', timestampMs: null }, p256.privateKey)
  const at = es.lastIndexOf('.')
  const key = { key: p256.publicKey, dsaEncoding: 'ieee-p1363' } as const
  expect(nodeVerify('sha256', Buffer.from(es.slice(0, at)), key, Buffer.from(es.slice(at + 1), 'base64url'))).toBe(true)
  expect(parsed(es.split('.')[1] ?? '')).toEqual({})
})
