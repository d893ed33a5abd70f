import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { defineScheme } from './scheme-model/define-scheme.js'
import type { Scheme } from './scheme-model/scheme.js'
import { github } from './schemes/github.js'
import { slack } from './schemes/slack.js'
import { standardWebhooks } from './schemes/standard-webhooks.js'
import { staticHeader } from './schemes/static-header.js'
import { stripe } from './schemes/stripe.js'
import { svix } from './schemes/svix.js'
import { sign } from './sign.js'
import { verify } from './verify.js'

const timestampMs = 1614265330_000
const known = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampMs, body: '{"test": 2432232314}' }
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
/** The key pair of Svix's own tests: the seed of 32 bytes, then the public key. */
const signingKey = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
const publicKey = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='

describe('known answers', () => {
  test('Standard Webhooks, v1', () => {
    expect(sign(standardWebhooks, known, secret)).toEqual({
      'webhook-id': known.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  test('Standard Webhooks, v1a', () => {
    expect(sign(standardWebhooks, known, signingKey)['webhook-signature']).toBe(
      'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    )
  })

  test('Svix', () => {
    const message = {
      id: 'msg_loFOjxBNrRLzqYUf',
      timestampMs: 1731705121_000,
      body: '{"event_type":"ping","data":{"success":true}}',
    }
    expect(sign(svix, message, 'whsec_plJ3nmyCDGBKInavdOK15jsl')['svix-signature']).toBe(
      'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
    )
  })

  test('GitHub', () => {
    expect(sign(github, { body: 'Hello, World!' }, "It's a Secret to Everybody")).toEqual({
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    })
  })

  test('Stripe', () => {
    const body = '{\n  "id": "evt_test_webhook",\n  "object": "event"\n}'
    expect(sign(stripe, { body, timestampMs: 1_700_000_000_999 }, 'whsec_test_secret')).toEqual({
      'stripe-signature': 't=1700000000,v1=4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150',
    })
  })

  test('a static secret is shown', () => {
    const scheme = staticHeader({ header: 'X-Token', secrets: ['a'] })
    expect(sign(scheme, { body: '' }, 'tok')).toEqual({ 'x-token': 'tok' })
  })
})

test('several secrets sign side by side, so that the receiver can change over', async () => {
  const headers = sign(standardWebhooks, known, [secret, signingKey])
  for (const only of [secret, publicKey]) {
    const found = await verify(
      standardWebhooks({ secrets: [only] }),
      { headers, body: known.body },
      { nowMs: timestampMs },
    )
    expect(found).toMatchObject({ isValid: true, id: known.id })
  }
  const both = sign(stripe, { body: '{}', timestampMs }, ['new', 'old'])['stripe-signature']
  expect(both).toMatch(/^t=1614265330,v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/)
})

test('where an id is signed and none is given, it is a fresh one', () => {
  const ids = [1, 2].map(() => sign(standardWebhooks, { body: '' }, secret)['webhook-id'])
  expect(ids[0]).toMatch(/^msg_[\w-]{22}$/)
  expect(ids[0]).not.toBe(ids[1])
})

describe('what cannot be signed is refused', () => {
  test.each<[string, () => unknown]>([
    ['with a public key', () => sign(standardWebhooks, known, publicKey)],
    ['with no secret', () => sign(github, { body: '' }, [])],
    ['with a blank secret', () => sign(github, { body: '' }, ' ')],
    ['with two secrets where one signature has room', () => sign(slack, { body: '' }, ['a', 'b'])],
    ['under an id with a dot', () => sign(standardWebhooks, { ...known, id: 'a.b' }, secret)],
    ['under an empty id', () => sign(standardWebhooks, { ...known, id: '' }, secret)],
  ])('%s', (_, attempt) => {
    expect(attempt).toThrow(ConfigurationError)
  })
})

/** Every unit, form and encoding at once: signing and verifying follow the same data. */
const box: Scheme = {
  name: 'two-fields',
  carriers: [
    {
      signature: ['x-first', 'x-second'],
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'hmac-sha512', encoding: 'base64url' }],
      timestamp: { header: 'x-time' },
      id: { header: 'x-id' },
      fixed: { 'x-version': '1' },
    },
  ],
  content: ['method', { literal: '\n' }, 'url', { literal: '\n' }, 'body', { literal: '\n' }, 'id', 'timestamp'],
  timestamp: { unit: 'rfc3339', toleranceSeconds: 60 },
  secrets: [{ encoding: 'hex', kind: 'hmac' }],
}

test('what a scheme of one’s own signs, it verifies: by either secret, for this method and URL', async () => {
  const preset = defineScheme(box)
  const target = { method: 'PUT', url: 'https://a.test/hook?x=1' }
  const message = { body: 'b', id: 'i', timestampMs, ...target }
  const headers = sign(preset, message, ['00ff', 'aabb'])
  expect(headers).toMatchObject({ 'x-id': 'i', 'x-time': '2021-02-25T15:02:10.000Z', 'x-version': '1' })
  const isValid = async (changed: object, secrets = ['AABB']) => {
    const received = { headers, body: 'b', ...target, ...changed }
    return (await verify(preset({ secrets }), received, { nowMs: timestampMs })).isValid
  }
  expect(await isValid({})).toBe(true)
  expect(await isValid({}, ['00ff'])).toBe(true)
  expect(await isValid({}, ['00fe'])).toBe(false)
  expect(await isValid({ method: 'POST' })).toBe(false)
  expect(await isValid({ url: 'https://a.test/hook' })).toBe(false)
  expect(await isValid({ headers: { ...headers, 'x-version': '2' } })).toBe(false)
})
