import { hmacValidator } from '@adyen/api-library'
import { Signature } from '@hubspot/api-client'
import {
  adyenItem,
  adyenRaw,
  hubspotV1,
  hubspotV2,
  hubspotV3,
  linear,
  mux,
  razorpay,
  type SchemeFactory,
  sign,
  slack,
  verify,
  workos,
} from '@latchkey/core'
import { LinearWebhookClient } from '@linear/sdk/webhooks'
import Mux from '@mux/mux-node'
import { verifySlackRequest } from '@slack/bolt'
import { WorkOS } from '@workos-inc/node'
import Razorpay from 'razorpay'
import { describe, expect, test } from 'vitest'

const secret = 'a secret of theirs'
const hexSecret = '44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056'
const body = '{"id":"evt_1","text":"😀 ünïcode"}'
const url = 'https://api.example.com/hooks?tenant=1'

type Fields = Record<string, string>

/** Whether our guard's verdict on a message is that it is genuine. */
async function isOurs(preset: SchemeFactory, headers: Fields, message: string, secrets = [secret]): Promise<boolean> {
  return (await verify(preset({ secrets }), { headers, body: message, url })).isValid
}

/** What a package that throws at what is wrong says. */
async function isAccepted(check: () => unknown): Promise<boolean> {
  try {
    return (await check()) !== false
  } catch {
    return false
  }
}

/** What is signed, and what it is once somebody has changed it. */
const deliveries = [
  ['as it was sent', body, true],
  ['with a byte behind it', `${body} `, false],
  ['in another Unicode form', body.normalize('NFD'), false],
] as const

describe.each(deliveries)('a message %s', (_, sent, isGenuine) => {
  test.each([
    ['v1', hubspotV1, 'x-hubspot-signature'],
    ['v2', hubspotV2, 'x-hubspot-signature'],
    ['v3', hubspotV3, 'x-hubspot-signature-v3'],
  ] as const)('HubSpot %s: both sign the same, and judge it alike', async (version, preset, field) => {
    const timestamp = Date.now()
    const request = { signature: '', clientSecret: secret, requestBody: body, url, timestamp }
    const theirs = Signature.getSignature('POST', version, request)
    const ours = sign(preset, { body, url, timestampMs: timestamp }, secret)
    expect(ours[field]).toBe(theirs)
    expect(await isOurs(preset, { ...ours, [field]: theirs }, sent)).toBe(isGenuine)
    const check = () =>
      Signature.isValid({ ...request, requestBody: sent, signature: ours[field]!, signatureVersion: version })
    expect(await isAccepted(check)).toBe(isGenuine)
  })

  test('Adyen’s platforms: both sign the same, and judge it alike', async () => {
    const validator = new hmacValidator()
    const theirs = validator.calculateHmac(body, hexSecret)
    const ours = sign(adyenRaw, { body }, hexSecret)
    expect(ours.hmacsignature).toBe(theirs)
    expect(await isOurs(adyenRaw, { hmacsignature: theirs }, sent, [hexSecret])).toBe(isGenuine)
    expect(validator.validateHMACSignature(hexSecret, theirs, sent)).toBe(isGenuine)
  })

  test('WorkOS: both sign the same, and judge it alike', async () => {
    const { webhooks } = new WorkOS('sk_test_not_used')
    const timestamp = Date.now()
    const payload = JSON.parse(body)
    const theirs = await webhooks.computeSignature(timestamp, payload, secret)
    const ours = sign(workos, { body, timestampMs: timestamp }, secret)
    expect(ours['workos-signature']).toBe(`t=${timestamp}, v1=${theirs}`)
    expect(await isOurs(workos, ours, sent)).toBe(isGenuine)
    const sigHeader = ours['workos-signature']!
    const check = () => webhooks.verifyHeader({ payload: JSON.parse(sent), sigHeader, secret })
    // It takes what was parsed, and writes it anew: a byte behind the JSON it does not see.
    expect(await isAccepted(check)).toBe(JSON.stringify(JSON.parse(sent)) === body)
  })

  test('Linear judges what we sign as we do', async () => {
    const timed = (text: string) => text.replace('{', `{"webhookTimestamp":${Date.now()},`)
    const message = timed(body)
    const ours = sign(linear, { body: message }, secret)
    const received = message.replace(body.slice(1), sent.slice(1))
    expect(await isOurs(linear, ours, received)).toBe(isGenuine)
    const client = new LinearWebhookClient(secret)
    const check = () => client.verify(Buffer.from(received), ours['linear-signature']!)
    expect(await isAccepted(check)).toBe(isGenuine)
  })

  test('Mux judges what we sign as we do', async () => {
    const { webhooks } = new Mux({ tokenId: 'unused', tokenSecret: 'unused', webhookSecret: secret })
    const ours = sign(mux, { body }, secret)
    expect(await isOurs(mux, ours, sent)).toBe(isGenuine)
    expect(await isAccepted(async () => await webhooks.verifySignature(sent, ours))).toBe(isGenuine)
  })

  test('Razorpay judges what we sign as we do', async () => {
    const ours = sign(razorpay, { body }, secret)
    expect(await isOurs(razorpay, ours, sent)).toBe(isGenuine)
    const check = () => Razorpay.validateWebhookSignature(sent, ours['x-razorpay-signature']!, secret)
    expect(await isAccepted(check)).toBe(isGenuine)
  })

  test('Slack’s Bolt judges what we sign as we do', async () => {
    const ours = sign(slack, { body }, secret)
    expect(await isOurs(slack, ours, sent)).toBe(isGenuine)
    const headers = {
      'x-slack-signature': ours['x-slack-signature']!,
      'x-slack-request-timestamp': Number(ours['x-slack-request-timestamp']),
    }
    expect(await isAccepted(() => verifySlackRequest({ signingSecret: secret, body: sent, headers }))).toBe(isGenuine)
  })
})

test('Adyen’s payments: both sign the same item, and judge each changed member alike', async () => {
  const validator = new hmacValidator()
  const item = {
    pspReference: '7914073381342284',
    originalReference: '',
    merchantAccountCode: 'TestMerchant',
    merchantReference: 'TestPayment-1407325143704',
    amount: { currency: 'EUR', value: 1130 },
    eventCode: 'AUTHORISATION',
    success: 'true',
    eventDate: '2019-05-06T17:15:34.121+02:00',
    paymentMethod: 'visa',
    additionalData: {},
  }
  const notification = (changed: object) =>
    JSON.stringify({ live: 'false', notificationItems: [{ NotificationRequestItem: { ...item, ...changed } }] })
  const theirs = validator.calculateHmac(item as never, hexSecret)
  const { hmacsignature } = sign(adyenItem, { body: notification({}) }, hexSecret)
  expect(hmacsignature).toBe(theirs)
  const additionalData = { hmacSignature: theirs }
  for (const changed of [
    {},
    { pspReference: '7914073381342285' },
    { originalReference: '1' },
    { merchantAccountCode: 'Another' },
    { merchantReference: 'another' },
    { amount: { currency: 'USD', value: 1130 } },
    { amount: { currency: 'EUR', value: 1 } },
    { eventCode: 'CAPTURE' },
    { success: 'false' },
    // Not signed, by either.
    { paymentMethod: 'mc' },
  ]) {
    const isTheirs = validator.validateHMAC({ ...item, ...changed, additionalData } as never, hexSecret)
    const isValid = await isOurs(adyenItem, {}, notification({ ...changed, additionalData }), [hexSecret])
    expect([changed, isValid]).toEqual([changed, isTheirs])
    expect(isTheirs).toBe(Object.keys(changed).length === 0 || 'paymentMethod' in changed)
  }
})
