import { ConfigurationError, memoryStore } from '@latchkey/core'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { certificates, privateKey } from './certificates.test.kit.js'
import { ask, handClock, hosts, nowMs, requestOf } from './key-host.test.kit.js'
import { oddCertificates } from './odd-certificates.test.kit.js'
import { type SnsMessageToSign, signSns } from './sign.js'
import { sns, snsVerifier } from './sns.js'
import { readSnsMessage } from './sns-message.js'
import type { SnsOptions } from './sns-options.js'

const certUrl = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem'
const topicArn = 'arn:aws:sns:eu-central-1:123456789012:orders'
const post = (more: Partial<SnsMessageToSign> = {}) =>
  signSns({ topicArn, message: '{"order":1}', certUrl, timestampMs: nowMs, ...more }, privateKey)

function host(more: Partial<SnsOptions> = {}, certificate: string = certificates.sns) {
  const clock = handClock()
  const fetch = hosts({ [certUrl]: certificate })
  const options = { topicArns: [topicArn], keyHost: { fetch }, now: clock.now, ...more }
  return { clock, fetch, options, verify: snsVerifier(options) }
}

test.each(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'] as const)(
  'a %s is verified',
  async (type) => {
    const { body, headers } = post({ type, token: 'a1' })
    const token = type === 'Notification' ? undefined : 'a1'
    expect(await host().verify({ headers, body })).toMatchObject({
      isValid: true,
      message: { type, token, subject: undefined },
    })
  },
)

test('what is signed as lines cannot be read as other lines', async () => {
  const id = '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324'
  const { body, headers } = post({ message: `hello\nMessageId\n${id}\nSubject\nowned`, messageId: 'm-1' })
  const { verify } = host()
  expect(await verify({ headers, body })).toMatchObject({
    isValid: true,
    message: { messageId: 'm-1', subject: undefined },
  })
  const shifted = { ...JSON.parse(body), Message: 'hello', MessageId: id, Subject: 'owned\nMessageId\nm-1' }
  expect(await verify({ headers, body: JSON.stringify(shifted) })).toEqual({ isValid: false, reason: 'malformed' })
})

test('whatever the members hold, no two readings of a message have the same signed text', () => {
  const line = fc.stringMatching(/^[ -~]{1,12}$/)
  const text = fc
    .array(fc.constantFrom('MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type', 'a', 'Message'))
    .map((lines) => lines.join('\n'))
  const message = fc.record({ Message: text, MessageId: line, Subject: fc.option(text, { nil: undefined }) })
  const read = (members: object) =>
    readSnsMessage(
      Buffer.from(
        JSON.stringify({
          ...members,
          Timestamp: 't',
          TopicArn: topicArn,
          Type: 'Notification',
          SignatureVersion: '2',
          Signature: '',
          SigningCertURL: '',
        }),
      ),
    )
  fc.assert(
    fc.property(message, message, (one, other) => {
      const [first, second] = [read(one), read(other)]
      if (first === undefined || second === undefined || first.content !== second.content) return
      expect(first.message).toEqual(second.message)
    }),
    { numRuns: 2000 },
  )
})

describe('a body', () => {
  const { body, headers } = post()
  test.each<[string, string | Uint8Array]>([
    ['behind a byte order mark', `\ufeff${body}`],
    ['in UTF-16', Buffer.from(body, 'utf16le')],
    ['with a byte that is no UTF-8', Buffer.concat([Buffer.from(body.slice(0, -1)), Buffer.from([0xff, 0x7d])])],
    ['with a member twice', body.replace('{', '{"Message":"first",')],
    ['with a member twice, once escaped', body.replace('{', '{"\\u004dessage":"first",')],
    ['with any member twice', body.replace('{', '{"a":1,"a":2,')],
    ['in a list', `[${body}]`],
    ['with something behind it', `${body}{}`],
    ['of another kind', body.replace('"Notification"', '"Other"')],
    ['of a kind that every object has', body.replace('"Notification"', '"constructor"')],
    ['with a number for a text', body.replace('"SignatureVersion":"2"', '"SignatureVersion":2')],
    ['with nothing for a subject', body.replace('{', '{"Subject":null,')],
    ['of nothing', ''],
  ])('%s is refused', async (_, wrong) => {
    const { verify, fetch } = host()
    expect(await verify({ headers, body: wrong })).toEqual({ isValid: false, reason: 'malformed' })
    expect(fetch).not.toHaveBeenCalled()
  })

  test('may hold the same name twice further in, and strings that look like names', async () => {
    const more = body.replace(
      '{',
      '{"MessageAttributes":{"a":{"Type":"String"},"b":{"Type":"String"}},"x":"{\\"a\\":1,\\"a\\":2",',
    )
    expect(await host().verify({ headers, body: more })).toMatchObject({ isValid: true })
  })
})

describe('a certificate', () => {
  const reason = async (more: Partial<SnsOptions>, certificate?: string) => {
    const found = await host(more, certificate).verify({ headers: {}, body: post().body })
    return found.isValid ? 'valid' : found.reason
  }

  test('has to bear the name of Amazon SNS', async () => {
    expect(await reason({}, certificates.paypal)).toBe('unknown-key')
    expect(await reason({}, oddCertificates.misnamed)).toBe('unknown-key')
  })

  test('has to lead to a root where one is given, by the issuers that are listed', async () => {
    const { root, intermediate } = certificates
    expect(await reason({ roots: [root], intermediates: [intermediate] })).toBe('valid')
    expect(await reason({ roots: [root] })).toBe('unknown-key')
    expect(await reason({ roots: [oddCertificates.otherRoot], intermediates: [intermediate] })).toBe('unknown-key')
    expect(await reason({ intermediates: [intermediate] })).toBe('unknown-key')
  })

  test('of another region, or elsewhere, is not fetched', async () => {
    const { verify, fetch } = host()
    for (const url of [
      'https://sns.eu-central-2.amazonaws.com/SimpleNotificationService-1.pem',
      'https://sns.eu-central-1.amazonaws.com.evil.test/SimpleNotificationService-1.pem',
      'https://sns.eu-central-1.amazonaws.com@evil.test/SimpleNotificationService-1.pem',
      'https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-1.pem',
      'https://sns.eu-central-1.amazonaws.com/a/../SimpleNotificationService-1.pem',
      'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem?.pem',
      'http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem',
    ]) {
      expect(await verify({ headers: {}, body: post({ certUrl: url }).body })).toEqual({
        isValid: false,
        reason: 'untrusted-url',
      })
    }
    expect(fetch).not.toHaveBeenCalled()
  })
})

describe('the guard', () => {
  const { body, headers } = post()
  const guardWith = (more: Partial<SnsOptions> = {}) => sns({ ...host().options, store: memoryStore(), ...more })

  test('turns away before the body is read who does not name a topic that is expected', async () => {
    const observe = vi.fn()
    const guard = guardWith({ observe })
    const { 'x-amz-sns-topic-arn': _, ...unnamed } = headers
    for (const fields of [
      unnamed,
      { ...headers, 'x-amz-sns-topic-arn': [topicArn, topicArn] },
      { ...headers, 'x-amz-sns-topic-arn': `${topicArn}2` },
    ]) {
      const request = requestOf(fields, body)
      expect(await ask(guard, request)).toMatchObject({ status: 401, problem: { code: 'signature-invalid' } })
      expect(request.body).not.toHaveBeenCalled()
    }
    expect(observe.mock.calls.map(([{ reason }]) => reason)).toEqual(['missing', 'duplicate', 'unknown-topic'])
  })

  test('lets a message of a topic in once, whatever its signature and time are', async () => {
    const guard = guardWith()
    const passed = await ask(guard, requestOf(headers, body))
    expect(passed.grant).toMatchObject({ scheme: 'sns', message: { message: '{"order":1}' } })
    await passed.settled?.(200)
    expect(await ask(guard, requestOf(headers, body))).toMatchObject({ status: 409 })
    const again = post({ messageId: headers['x-amz-sns-message-id'] ?? '', timestampMs: nowMs + 1000 })
    expect(await ask(guard, requestOf(again.headers, again.body))).toMatchObject({ status: 409 })
  })

  test('takes a message of another topic for none, though Amazon SNS has signed it', async () => {
    const other = post({ topicArn: 'arn:aws:sns:eu-central-1:999999999999:orders' })
    expect(await ask(guardWith(), requestOf(headers, other.body))).toMatchObject({ status: 401 })
  })
})

test('the regions of China and GovCloud have names of their own', async () => {
  for (const [arn, url] of [
    ['arn:aws-cn:sns:cn-north-1:123456789012:t', 'https://sns.cn-north-1.amazonaws.com.cn/s.pem'],
    ['arn:aws-us-gov:sns:us-gov-west-1:123456789012:t', 'https://sns.us-gov-west-1.amazonaws.com/s.pem'],
    ['arn:aws:sns:ap-southeast-2:123456789012:t.fifo', 'https://sns.ap-southeast-2.amazonaws.com/s.pem'],
  ] as const) {
    const fetch = hosts({ [url]: certificates.sns })
    const verify = snsVerifier({ topicArns: [arn], keyHost: { fetch }, now: () => nowMs })
    expect(await verify({ headers: {}, body: post({ topicArn: arn, certUrl: url }).body })).toMatchObject({
      isValid: true,
    })
  }
})

test.each<[string, object]>([
  ['topicArns', { topicArns: [] }],
  ['topicArns', { topicArns: undefined }],
  ['topicArns', { topicArns: ['arn:aws:sns:eu-central-1:123456789012:*'] }],
  ['topicArns', { topicArns: ['arn:aws:sqs:eu-central-1:123456789012:orders'] }],
  ['topicArns', { topicArns: ['arn:aws:sns:evil.test/:123456789012:orders'] }],
  ['allowLegacy', { allowLegacy: true }],
  ['maxAgeSeconds', { maxAgeSeconds: -1 }],
  ['roots', { roots: [''] }],
])('an impossible %s is refused: %j', (name, wrong) => {
  const make = () => sns({ topicArns: [topicArn], store: memoryStore(), ...wrong } as SnsOptions)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(new RegExp(name))
})
