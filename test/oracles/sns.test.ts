import { EventEmitter } from 'node:events'
import https from 'node:https'
import { presetSecret } from '@latchkey/conformance'
import { type SnsMessageToSign, signSns, snsVerifier } from '@latchkey/remote-keys'
import SnsPayloadValidator from 'sns-payload-validator'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { labCertificates } from '../lab/lab-certificates.js'

// The package takes certificates from files that are named as Amazon SNS names them.
const certUrl = `https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-${'0123456789abcdef'.repeat(2)}.pem`
const topicArn = 'arn:aws:sns:eu-central-1:123456789012:orders'
const privateKey = presetSecret('kick')
const fetch: typeof globalThis.fetch = async () => new Response(labCertificates.sns)
const verify = snsVerifier({ topicArns: [topicArn], allowLegacy: 'sha1', keyHost: { fetch } })

/** The package fetches by itself: it is handed the certificate of the lab. */
function handOut(): void {
  vi.spyOn(https, 'get').mockImplementation(((
    ...[, , answered]: [unknown, unknown, (response: EventEmitter) => void]
  ) => {
    const response = new EventEmitter()
    queueMicrotask(() => {
      answered(response)
      response.emit('data', labCertificates.sns)
      response.emit('end')
    })
    return new EventEmitter()
  }) as never)
}

afterEach(() => vi.restoreAllMocks())

const messages: readonly (readonly [string, Partial<SnsMessageToSign>])[] = [
  ['a notification', {}],
  ['a notification with a subject', { subject: 'to whom it may concern' }],
  ['a notification of several lines', { message: 'one\nSubject\ntwo\n😀 ünïcode "quoted" \\' }],
  ['a confirmation', { type: 'SubscriptionConfirmation', token: 'a1b2' }],
  ['an end that is confirmed', { type: 'UnsubscribeConfirmation', token: 'a1b2' }],
]

describe.each([1, 2] as const)('sns-payload-validator and we, by version %i', (version) => {
  test.each(messages)('verify %s', async (_, more) => {
    handOut()
    const { body } = signSns({ topicArn, certUrl, message: '{"order":1}', version, ...more }, privateKey)
    expect(await new SnsPayloadValidator({ useCache: false }).validate(body)).toEqual(JSON.parse(body))
    expect(await verify({ headers: {}, body })).toMatchObject({ isValid: true })
  })

  test('refuse what was changed', async () => {
    handOut()
    const signed = JSON.parse(
      signSns({ topicArn, certUrl, message: '{"order":1}', subject: 's', version }, privateKey).body,
    )
    for (const name of ['Message', 'MessageId', 'Subject', 'Timestamp', 'Signature']) {
      const body = JSON.stringify({ ...signed, [name]: String(signed[name]).replace(/[a-z0-9]/, 'x') })
      await expect(new SnsPayloadValidator({ useCache: false }).validate(body)).rejects.toThrow(/Invalid Signature/)
      expect(await verify({ headers: {}, body })).toMatchObject({ isValid: false })
    }
  })
})
