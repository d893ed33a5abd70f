import { sign, stripe, verify } from '@latchkey/core'
import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'

const { webhooks } = new Stripe('sk_test_not_used')
const theirs = webhooks.signature!
const ages = Number.MAX_SAFE_INTEGER
const secret = 'whsec_test_secret'
const nowSeconds = 1_700_000_000
const bodies = ['{"id":"evt_1","object":"event"}', '😀 ünïcode', ' \r\n\t', '{"text":"t=1,v1=00"}']
const at = { nowMs: nowSeconds * 1000 }
const ours = stripe({ secrets: ['some other secret', secret] })

const signed = (payload: string, timestamp = nowSeconds) =>
  webhooks.generateTestHeaderString({ payload, secret, timestamp })

describe('what the stripe package signs', () => {
  test.each(bodies)('verifies: %j', async (body) => {
    const header = signed(body)
    expect(await verify(ours, { headers: { 'Stripe-Signature': header }, body }, at)).toMatchObject({
      isValid: true,
      secretIndex: 1,
      signedAtMs: nowSeconds * 1000,
    })
  })

  test.each(bodies)('does not verify once it is tampered with: %j', async (body) => {
    const header = signed(body)
    const tampered = [
      { header, body: `${body} ` },
      { header: header.replace(/.$/, (last) => (last === '0' ? '1' : '0')), body },
      { header: header.replace(`t=${nowSeconds}`, `t=${nowSeconds + 1}`), body },
      { header: header.replace('v1=', 'v0='), body },
    ]
    for (const message of tampered) {
      expect(() => theirs.verifyHeader(message.body, message.header, secret, ages)).toThrow()
      const headers = { 'stripe-signature': message.header }
      expect(await verify(ours, { headers, body: message.body }, at)).toMatchObject({ isValid: false })
    }
  })

  test('verifies beside a signature of a secret that is being rolled', async () => {
    const other = webhooks.generateTestHeaderString({ payload: 'x', secret: 'rolled', timestamp: nowSeconds })
    const header = `${signed('x')},${other.split(',')[1]},v1=potato`
    expect(theirs.verifyHeader('x', header, secret, ages)).toBe(true)
    expect(await verify(ours, { headers: { 'stripe-signature': header }, body: 'x' }, at)).toMatchObject({
      isValid: true,
    })
  })
})

describe('what we sign', () => {
  test.each(bodies)('the stripe package verifies: %j', (body) => {
    const headers = sign(stripe, { body, timestampMs: Date.now() }, secret)
    expect(theirs.verifyHeader(Buffer.from(body), headers['stripe-signature']!, secret)).toBe(true)
    expect(() => theirs.verifyHeader(`${body} `, headers['stripe-signature']!, secret)).toThrow()
  })

  test('is what the stripe package signs, byte for byte', () => {
    expect(sign(stripe, { body: bodies[0]!, timestampMs: nowSeconds * 1000 }, secret)).toEqual({
      'stripe-signature': signed(bodies[0]!),
    })
  })
})
