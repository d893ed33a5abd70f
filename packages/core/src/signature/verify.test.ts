import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { github } from './schemes/github.js'
import { slack } from './schemes/slack.js'
import { standardWebhooks } from './schemes/standard-webhooks.js'
import { staticHeader } from './schemes/static-header.js'
import { stripe } from './schemes/stripe.js'
import { svix } from './schemes/svix.js'
import { type OutgoingMessage, sign } from './sign.js'
import type { SignatureFault } from './verification/fault.js'
import { type ReceivedMessage, verify } from './verify.js'

const nowMs = 1_700_000_000_000
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const other = 'whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA='
const bound = standardWebhooks({ secrets: [secret] })
const good = (message: Partial<OutgoingMessage> = {}) => {
  const body = message.body ?? '{}'
  return { body, headers: sign(standardWebhooks, { id: 'msg_1', timestampMs: nowMs, ...message, body }, secret) }
}
const reasonOf = async (scheme: Parameters<typeof verify>[0], message: ReceivedMessage) => {
  const verification = await verify(scheme, message, { nowMs })
  return verification.isValid ? 'valid' : verification.reason
}

describe('what is wrong with a message is told in one word', () => {
  const { body, headers } = good()
  const without = (name: string) => Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))

  test.each<[SignatureFault, Record<string, string | string[]>]>([
    ['missing', {}],
    ['missing', without('webhook-id')],
    ['missing', without('webhook-timestamp')],
    ['missing', without('webhook-signature')],
    ['duplicate', { ...headers, 'webhook-id': ['msg_1', 'msg_1'] }],
    ['duplicate', { ...headers, 'webhook-timestamp': ['1700000000', '1700000000'] }],
    ['duplicate', { ...headers, 'Webhook-Signature': headers['webhook-signature']! }],
    ['malformed', { ...headers, 'webhook-timestamp': '1700000000, 1700000000' }],
    ['malformed', { ...headers, 'webhook-timestamp': '1.7e9' }],
    ['malformed', { ...headers, 'webhook-id': '' }],
    ['malformed', { ...headers, 'webhook-id': 'msg.1' }],
    ['malformed', { ...headers, 'webhook-id': 'msg,1' }],
    ['malformed', { ...headers, 'webhook-id': 'msg\u00001' }],
    ['malformed', { ...headers, 'webhook-id': 'msg\u007f1' }],
    ['malformed', { ...headers, 'webhook-id': 'é' }],
    ['malformed', { ...headers, 'webhook-id': 'x'.repeat(257) }],
    ['malformed', { ...headers, 'webhook-signature': 'v1,' }],
    ['unknown-version', { ...headers, 'webhook-signature': headers['webhook-signature']!.replace('v1', 'v2') }],
    ['stale', { ...headers, 'webhook-timestamp': '1699999699' }],
    ['future', { ...headers, 'webhook-timestamp': '1700000301' }],
    ['mismatch', { ...headers, 'webhook-timestamp': '1700000300' }],
    ['mismatch', { ...headers, 'webhook-id': 'msg_2' }],
    ['mismatch', { ...headers, 'webhook-id': 'x'.repeat(256) }],
  ])('%s: %j', async (reason, changed) => {
    expect(await reasonOf(bound, { headers: changed, body })).toBe(reason)
  })

  test('a secret that does not know this kind of signature', async () => {
    const asymmetric = standardWebhooks({ secrets: ['whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='] })
    expect(await reasonOf(asymmetric, good())).toBe('unknown-version')
  })
})

describe('bytes, not texts', () => {
  test('a body signed over U+FFFD is not the body 0xFF', async () => {
    const { headers } = good({ body: '{"a":"\ufffd"}' })
    const body = Buffer.from('{"a":"\xff"}', 'latin1')
    expect(await reasonOf(bound, { headers, body })).toBe('mismatch')
  })

  test('a byte order mark put before the body is refused', async () => {
    const { headers, body } = good()
    expect(await reasonOf(bound, { headers, body: `\ufeff${body}` })).toBe('mismatch')
  })

  test('whatever the bytes are, they verify as they were signed and in no other way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(), async (body, at) => {
        const { headers } = good({ body })
        expect(await reasonOf(bound, { headers, body })).toBe('valid')
        const changed = Uint8Array.from(body.length === 0 ? [0] : body)
        if (body.length > 0) changed[at % body.length]! ^= 1 << (at % 8)
        expect(await reasonOf(bound, { headers, body: changed })).toBe('mismatch')
      }),
    )
  })
})

describe('several secrets', () => {
  test('any of them may match, and it is told which', async () => {
    const rotated = standardWebhooks({ secrets: [other, secret] })
    expect(await verify(rotated, good(), { nowMs })).toMatchObject({ isValid: true, secretIndex: 1 })
  })

  test('may be of different kinds', async () => {
    const mixed = standardWebhooks({ secrets: ['whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=', secret] })
    expect(await verify(mixed, good(), { nowMs })).toMatchObject({ isValid: true, secretIndex: 1 })
  })

  test('are found for each request; where there are none nothing verifies', async () => {
    const perTenant = standardWebhooks({
      secrets: ({ headers }) => (headers.get('x-tenant') === 'acme' ? [other, secret] : undefined),
    })
    const { headers, body } = good()
    expect(await reasonOf(perTenant, { headers: { ...headers, 'x-tenant': 'acme' }, body })).toBe('valid')
    expect(await reasonOf(perTenant, { headers, body })).toBe('unknown-key')
    expect(await reasonOf(standardWebhooks({ secrets: () => [] }), good())).toBe('unknown-key')
    expect(await reasonOf(standardWebhooks({ secrets: async () => null }), good())).toBe('unknown-key')
  })

  test.each<[string, unknown]>([
    ['a text', secret],
    ['a blank', ['']],
    ['undefined in a list', [undefined]],
  ])('that are found to be %s are an error, never a match', async (_, found) => {
    const broken = github({ secrets: () => found as string[] })
    const headers = sign(github, { body: '{}' }, 'undefined')
    await expect(verify(broken, { headers, body: '{}' })).rejects.toThrow(TypeError)
  })
})

describe('Svix', () => {
  const ours = svix({ secrets: [secret] })
  const { headers: branded, body } = {
    body: '{}',
    headers: sign(svix, { id: 'msg_1', timestampMs: nowMs, body: '{}' }, secret),
  }

  test('is read by its own fields, or by those of the standard', async () => {
    expect(Object.keys(branded)).toEqual(['svix-id', 'svix-timestamp', 'svix-signature'])
    expect(await reasonOf(ours, { headers: branded, body })).toBe('valid')
    expect(await reasonOf(ours, good())).toBe('valid')
  })

  test('never by both at once', async () => {
    const { 'svix-id': id, ...rest } = branded
    expect(await reasonOf(ours, { headers: { ...rest, 'webhook-id': id! }, body })).toBe('missing')
    const forged = { ...branded, 'svix-signature': `v1,${'A'.repeat(43)}=` }
    expect(await reasonOf(ours, { headers: { ...good().headers, ...forged }, body })).toBe('mismatch')
  })
})

describe('GitHub', () => {
  const sha1 = 'sha1=bfdb4a7c9c1b2f6b0a2dcf0cb59bf64dc0fcdd3f'
  const { body, headers } = { body: 'Hello', headers: sign(github, { body: 'Hello' }, 's') }
  const legacy = sign({ ...github.scheme, carriers: github.scheme.carriers.slice(1) }, { body: 'Hello' }, 's')

  test('by SHA-1 alone is a downgrade, unless that was typed out', async () => {
    expect(await reasonOf(github({ secrets: ['s'] }), { headers: legacy, body })).toBe('downgrade')
    expect(await reasonOf(github({ secrets: ['s'], allowLegacy: 'sha1' }), { headers: legacy, body })).toBe('valid')
  })

  test('by a good SHA-1 does not rescue a bad SHA-256', async () => {
    const ours = github({ secrets: ['s'], allowLegacy: 'sha1' })
    const forged = { ...legacy, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }
    expect(await reasonOf(ours, { headers: forged, body })).toBe('mismatch')
    expect(await reasonOf(ours, { headers: { ...headers, 'x-hub-signature': sha1 }, body })).toBe('valid')
  })

  test('has a delivery id that nobody vouches for', async () => {
    const ours = github({ secrets: ['s'] })
    const delivery = { ...headers, 'X-GitHub-Delivery': '72d3162e' }
    expect(await verify(ours, { headers: delivery, body })).toMatchObject({ id: '72d3162e', isIdSigned: false })
    const twice = { ...headers, 'X-GitHub-Delivery': ['1', '2'] }
    expect(await verify(ours, { headers: twice, body })).toMatchObject({ isValid: true, id: undefined })
  })
})

test('Stripe’s id stands in the signed body', async () => {
  const ours = stripe({ secrets: [secret] })
  const idOf = async (body: string) => {
    return verify(ours, { headers: sign(stripe, { body, timestampMs: nowMs }, secret), body }, { nowMs })
  }
  expect(await idOf('{"id":"evt_1"}')).toMatchObject({ id: 'evt_1', isIdSigned: true })
  for (const body of ['{}', '[]', 'null', 'no JSON', '{"id":7}', '{"id":""}', '{"__proto__":{"id":"evt_1"}}', '']) {
    expect(await idOf(body)).toMatchObject({ isValid: true, id: undefined, isIdSigned: false })
  }
})

test('Slack’s secret is a text, though it looks like hex', async () => {
  const headers = sign(slack, { body: 'a=b', timestampMs: nowMs }, 'aabb')
  expect(await reasonOf(slack({ secrets: ['AABB'] }), { headers, body: 'a=b' })).toBe('mismatch')
  expect(await reasonOf(slack({ secrets: ['aabb'] }), { headers, body: 'a=b' })).toBe('valid')
})

test('a static secret is compared whole, whatever the body is', async () => {
  const ours = staticHeader({ header: 'X-Token', secrets: ['first', 'second'] })
  const reason = (token: string | string[]) => reasonOf(ours, { headers: { 'x-token': token }, body: 'anything' })
  expect(await reason('first')).toBe('valid')
  expect(await reason('second')).toBe('valid')
  for (const wrong of ['firs', 'firstx', 'FIRST', 'first, second']) expect(await reason(wrong)).toBe('mismatch')
  expect(await reason(['first', 'first'])).toBe('duplicate')
  expect(await reason('')).toBe('malformed')
})

test('whatever the fields hold, the answer is a word and never a throw', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 })
  const fields = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'stripe-signature', 'x-hub-signature-256']
  const headers = fc.dictionary(fc.constantFrom(...fields, '__proto__', 'constructor'), fc.oneof(text, fc.array(text)))
  await fc.assert(
    fc.asyncProperty(headers, fc.uint8Array(), async (some, body) => {
      for (const scheme of [bound, stripe({ secrets: ['s'] }), github({ secrets: ['s'] })]) {
        expect((await verify(scheme, { headers: some, body })).isValid).toBe(false)
      }
    }),
  )
})
