import { generateKeyPairSync, sign as nodeSign } from 'node:crypto'
import { discord, notion, paddle, sanity, sendgrid, sign, twilioBody, twilioForm, verify } from '@latchkey/core'
import { signWebhookPayload, verifyWebhookSignature } from '@notionhq/client'
import { Paddle } from '@paddle/paddle-node-sdk'
import { encodeSignatureHeader, isValidSignature } from '@sanity/webhook'
import { EventWebhook } from '@sendgrid/eventwebhook'
import { verifyKey } from 'discord-interactions'
import twilio from 'twilio'
import { describe, expect, test } from 'vitest'

const secret = 'a secret of theirs'
const body = '{"id":"evt_1","text":"😀 ünïcode"}'

test('Notion: both sign the same, and both verify it', async () => {
  const theirs = await signWebhookPayload({ body, verificationToken: secret })
  expect(sign(notion, { body }, secret)).toEqual({ 'x-notion-signature': theirs })
  const headers = { 'x-notion-signature': theirs }
  expect(await verify(notion({ secrets: [secret] }), { headers, body })).toMatchObject({ isValid: true, id: 'evt_1' })
  expect(await verifyWebhookSignature({ body, signature: theirs, verificationToken: secret })).toBe(true)
  expect((await verify(notion({ secrets: [secret] }), { headers, body: `${body} ` })).isValid).toBe(false)
})

test('Sanity: both sign the same, and both verify it', async () => {
  const nowMs = 1_700_000_000_123
  const theirs = await encodeSignatureHeader(body, nowMs, secret)
  expect(sign(sanity, { body, timestampMs: nowMs }, secret)).toEqual({ 'sanity-webhook-signature': theirs })
  const headers = { 'sanity-webhook-signature': theirs }
  expect((await verify(sanity({ secrets: [secret] }), { headers, body }, { nowMs })).isValid).toBe(true)
  expect(await isValidSignature(body, theirs, secret)).toBe(true)
  expect((await verify(sanity({ secrets: [secret] }), { headers, body: `${body} ` }, { nowMs })).isValid).toBe(false)
})

test('Paddle verifies what we sign', async () => {
  const { webhooks } = new Paddle('not used')
  const message = JSON.stringify({ notification_id: 'ntf_1', event_type: 'x.y', data: {} })
  const { 'paddle-signature': signature = '' } = sign(paddle, { body: message }, secret)
  expect(await webhooks.isSignatureValid(message, secret, signature)).toBe(true)
  expect(await webhooks.isSignatureValid(`${message} `, secret, signature)).toBe(false)
})

describe('Twilio', () => {
  const url = 'https://example.com/hooks?tenant=1'
  const form = 'b=2&a=1&a=2&a=1&Body=a+b%26%C3%A9'
  const parameters = { b: '2', a: ['1', '2', '1'], Body: 'a b&é' }

  test('signs forms as we do, and verifies ours', async () => {
    const theirs = twilio.getExpectedTwilioSignature(secret, url, parameters)
    expect(sign(twilioForm, { body: form, url }, secret)).toEqual({ 'x-twilio-signature': theirs })
    const headers = { 'x-twilio-signature': theirs }
    const scheme = twilioForm({ secrets: [secret] })
    expect((await verify(scheme, { headers, body: form, url })).isValid).toBe(true)
    expect((await verify(scheme, { headers, body: `${form}&c=3`, url })).isValid).toBe(false)
    expect((await verify(scheme, { headers, body: form, url: `${url}0` })).isValid).toBe(false)
    expect(twilio.validateRequest(secret, theirs, url, parameters)).toBe(true)
  })

  test('verifies bodies as we do, once the URL has their digest', async () => {
    const whole = `${url}&bodySHA256=${twilio.getExpectedBodyHash(body)}`
    const { 'x-twilio-signature': signature = '' } = sign(twilioBody, { body, url: whole }, secret)
    expect(twilio.validateRequestWithBody(secret, signature, whole, body)).toBe(true)
    const headers = { 'x-twilio-signature': signature }
    const scheme = twilioBody({ secrets: [secret] })
    expect((await verify(scheme, { headers, body, url: whole })).isValid).toBe(true)
    expect((await verify(scheme, { headers, body: `${body} `, url: whole })).isValid).toBe(false)
    expect((await verify(scheme, { headers: sign(twilioBody, { body, url }, secret), body, url })).isValid).toBe(false)
  })
})

test('SendGrid verifies what we sign', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const headers = sign(sendgrid, { body }, String(privateKey.export({ format: 'pem', type: 'pkcs8' })))
  const signature = headers['x-twilio-email-event-webhook-signature']!
  const time = headers['x-twilio-email-event-webhook-timestamp']!
  const theirs = new EventWebhook()
  expect(theirs.verifySignature(theirs.convertPublicKeyToECDSA(key), body, signature, time)).toBe(true)
  expect(theirs.verifySignature(theirs.convertPublicKeyToECDSA(key), `${body} `, signature, time)).toBe(false)
  expect((await verify(sendgrid({ secrets: [key] }), { headers, body })).isValid).toBe(true)
})

test('Discord’s package and we verify the same signatures', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
  const time = String(Math.floor(Date.now() / 1000))
  const signature = nodeSign(null, Buffer.from(time + body), privateKey).toString('hex')
  const headers = { 'x-signature-ed25519': signature, 'x-signature-timestamp': time }
  for (const message of [body, `${body} `]) {
    const theirs = await verifyKey(message, signature, time, key)
    expect((await verify(discord({ secrets: [key] }), { headers, body: message })).isValid).toBe(theirs)
    expect(theirs).toBe(message === body)
  }
})
