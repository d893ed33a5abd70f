import { describe, expect, test } from 'vitest'
import { standardWebhooks } from './schemes/standard-webhooks.js'
import { verify } from './verify.js'
import { webhookSecret, webhookSender } from './webhook-sender.js'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const signingKey = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const body = '{"test": 2432232314}'
const now = () => 1614265330_000

describe('a sender of webhooks', () => {
  test('the known answers of the reference libraries, of every secret in its order', () => {
    const headers = webhookSender({ secrets: [secret, signingKey], now })
      .message(body, id)
      .headers()
    expect(headers).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature':
        'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    })
  })

  test('every attempt has the id of the message, and a time and a signature of its own', () => {
    let seconds = 1614265330
    const message = webhookSender({ secrets: [secret], now: () => seconds * 1000 }).message(body)
    const first = message.headers()
    seconds += 3600
    const second = message.headers()
    expect([first['webhook-id'], second['webhook-id']]).toEqual([message.id, message.id])
    expect(second['webhook-timestamp']).toBe('1614268930')
    expect(second['webhook-signature']).not.toBe(first['webhook-signature'])
  })

  test('two messages have two ids', () => {
    const sender = webhookSender({ secrets: [secret] })
    expect(sender.message(body).id).not.toBe(sender.message(body).id)
  })

  test('while secrets are rotated, receivers with either of them verify', async () => {
    const newer = webhookSecret()
    const headers = webhookSender({ secrets: [newer, secret] })
      .message(body)
      .headers()
    for (const held of [newer, secret]) {
      expect(await verify(standardWebhooks({ secrets: [held] }), { headers, body })).toMatchObject({ isValid: true })
    }
    const stranger = standardWebhooks({ secrets: [webhookSecret()] })
    expect(await verify(stranger, { headers, body })).toMatchObject({ isValid: false })
  })

  test.each([
    ['no list', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['an empty list', []],
    ['more than receivers take', Array.from({ length: 17 }, () => secret)],
    ['a secret that is too short', ['whsec_AAAA']],
    ['a public key, which cannot sign', ['whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=']],
    ['a missing one', [undefined]],
  ])('%s stops the start', (_, secrets) => {
    expect(() => webhookSender({ secrets: secrets as string[] })).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', message: expect.not.stringContaining('1SiA4o9') }),
    )
  })

  test('an id with a dot, which would shift the border of what is signed, is refused before anything is sent', () => {
    expect(() => webhookSender({ secrets: [secret] }).message(body, 'a.b')).toThrow(/id must be/)
  })
})

test('a new secret is 32 bytes, and never the same', () => {
  const [one, other] = [webhookSecret(), webhookSecret()]
  expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(other).not.toBe(one)
})
