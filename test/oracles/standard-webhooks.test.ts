import { sign, standardWebhooks, svix, verify, webhookSecret, webhookSender } from '@latchkey/core'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, test } from 'vitest'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const bodies = ['{"type":"payment.settled"}', '{"text":"😀 ünïcode"}', '[1,2,3]', '{"id":"msg.1.{}"}']

const libraries = [
  { name: 'standardwebhooks', library: new StandardWebhook(secret), preset: standardWebhooks, prefix: 'webhook' },
  { name: 'svix', library: new SvixWebhook(secret), preset: svix, prefix: 'svix' },
  { name: 'svix, unbranded', library: new SvixWebhook(secret), preset: svix, prefix: 'webhook' },
]

describe.each(libraries)('$name', ({ library, preset, prefix }) => {
  const ours = preset({ secrets: [secret] })
  const signedBy = (id: string, at: Date, body: string) => ({
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(Math.floor(at.getTime() / 1000)),
    [`${prefix}-signature`]: library.sign(id, at, body),
  })

  test.each(bodies)('signs what verifies here: %j', async (body) => {
    expect(await verify(ours, { headers: signedBy('msg_1', new Date(), body), body })).toMatchObject({
      isValid: true,
      id: 'msg_1',
      isIdSigned: true,
    })
  })

  test.each(bodies)('signs what does not verify here once it is tampered with: %j', async (body) => {
    const headers = signedBy('msg_1', new Date(), body)
    const tampered = [
      { headers, body: `${body} ` },
      { headers: { ...headers, [`${prefix}-id`]: 'msg_2' }, body },
      { headers: { ...headers, [`${prefix}-timestamp`]: String(Number(headers[`${prefix}-timestamp`]) - 1) }, body },
      { headers: { ...headers, [`${prefix}-signature`]: library.sign('msg_1', new Date(0), body) }, body },
    ]
    for (const message of tampered) {
      expect(() => library.verify(message.body, message.headers)).toThrow()
      expect(await verify(ours, message)).toMatchObject({ isValid: false })
    }
  })

  test.each(bodies)('verifies what is signed here: %j', (body) => {
    const headers = sign(standardWebhooks, { id: 'msg_1', body }, secret)
    const renamed = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.replace('webhook', prefix), value]),
    )
    expect(library.verify(body, renamed)).toEqual(JSON.parse(body))
    expect(() => library.verify(`${body} `, renamed)).toThrow()
  })

  test('verifies a message that is signed here with the new secret and the old one', () => {
    const headers = sign(standardWebhooks, { body: '{}' }, [
      'whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=',
      secret,
    ])
    const renamed = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.replace('webhook', prefix), value]),
    )
    expect(library.verify('{}', renamed)).toEqual({})
  })
})

test('the library of the reference verifies each attempt of a sender, under a new secret as under the old one', () => {
  const newer = webhookSecret()
  const message = webhookSender({ secrets: [newer, secret] }).message(bodies[0]!)
  for (const held of [newer, secret]) {
    expect(new StandardWebhook(held).verify(bodies[0]!, message.headers())).toEqual(JSON.parse(bodies[0]!))
  }
})

test('what the libraries take for the same text is another message here', async () => {
  const library = new StandardWebhook(secret)
  const at = new Date()
  const replaced = Buffer.from([0x22, 0xff, 0x22])
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': library.sign('msg_1', at, '"\ufffd"'),
  }
  expect(library.verify(replaced, headers)).toBe('\ufffd')
  expect(await verify(standardWebhooks({ secrets: [secret] }), { headers, body: replaced })).toEqual({
    isValid: false,
    reason: 'mismatch',
  })
})
