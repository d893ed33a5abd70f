import assert from 'node:assert/strict'
import { call, field, freshKey, jsonOf } from '../call.js'
import { deliver, type Fields, invalid, isVerified, message, replayed } from '../deliveries.js'
import { isRefusal, refused } from '../expectations.js'
import { type AdapterCase, under } from '../lab.js'
import { now, senders } from '../senders.js'
import { exchange } from '../wire.js'

export const signatureCases: readonly AdapterCase[] = [
  ...under(
    { signature: { now: 1614265330, secrets: { 'standard-webhooks': ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] } } },
    [
      {
        name: 'the known answer of Standard Webhooks verifies',
        run: async (lab) => {
          const body = Buffer.from('{"test": 2432232314}')
          const headers = {
            'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
            'webhook-timestamp': '1614265330',
            'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
          }
          const answer = await deliver(lab, 'standard-webhooks', headers, body)
          isVerified(answer, body)
          assert.equal(jsonOf(answer).id, 'msg_p5jXN8AQM9LWM0D4loKWxJek')
        },
      },
    ],
  ),
  ...under({ signature: { secrets: { github: ["It's a Secret to Everybody", 'the next one'] } } }, [
    {
      name: 'the known answer of GitHub verifies, and any of several secrets may match',
      run: async (lab) => {
        const body = Buffer.from('Hello, World!')
        const known = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
        const answer = await call(lab, 'POST /hooks/github', { body, headers: { 'X-Hub-Signature-256': known } })
        isVerified(answer, body)
        const other = message()
        isVerified(await deliver(lab, 'github', senders.github(other, { secret: 'the next one' }), other), other)
        isRefusal(await deliver(lab, 'github', senders.github(message()), other), invalid)
      },
    },
  ]),
  {
    name: 'a message that is still being handled is not handled beside itself',
    run: async (lab) => {
      const body = message()
      const headers = senders['standard-webhooks'](body)
      const copies = await Promise.all(
        [1, 2].map(() => deliver(lab, 'standard-webhooks', headers, body, '?delayMs=200')),
      )
      const [handled, turnedAway] = copies.sort((a, b) => a.status - b.status)
      isVerified(handled!, body)
      assert.equal(turnedAway!.status, 409)
      assert.match(field(turnedAway!, 'retry-after') ?? '', /^[1-9]\d*$/)
    },
  },
  {
    name: 'a retry of the sender, signed anew under the same id, is the same message',
    run: async (lab) => {
      const body = message()
      const id = `msg_${freshKey()}`
      const sign = senders['standard-webhooks']
      isVerified(await deliver(lab, 'standard-webhooks', sign(body, { id, at: now() - 60 }), body), body)
      isRefusal(await deliver(lab, 'standard-webhooks', sign(body, { id }), body), replayed)
    },
  },
  {
    name: 'a forged message does not use up the id of the true one',
    run: async (lab) => {
      const body = message()
      const id = `msg_${freshKey()}`
      const sign = senders['standard-webhooks']
      isRefusal(await deliver(lab, 'standard-webhooks', sign(body, { id, secret: 'forged' }), body), invalid)
      isVerified(await deliver(lab, 'standard-webhooks', sign(body, { id }), body), body)
    },
  },
  {
    name: 'of more than 16 signatures none counts',
    run: async (lab) => {
      const body = message()
      const good = senders['standard-webhooks'](body)
      const list = (count: number) => ({
        ...good,
        'webhook-signature': `${`v1,${'A'.repeat(43)}= `.repeat(count - 1)}${good['webhook-signature']}`,
      })
      isRefusal(await deliver(lab, 'standard-webhooks', list(17), body), invalid)
      isVerified(await deliver(lab, 'standard-webhooks', list(16), body), body)
    },
  },
  {
    name: 'a static secret lets in who knows it, once or twice, and nobody else',
    run: async (lab) => {
      const body = message()
      const good = senders['header-secret'](body)
      for (let times = 0; times < 2; times++) isVerified(await deliver(lab, 'header-secret', good, body), body)
      const secret = good['X-Webhook-Secret']
      const bad: Fields[] = [
        {},
        { 'X-Webhook-Secret': '' },
        { 'X-Webhook-Secret': `${secret}x` },
        { 'X-Webhook-Secret': secret.slice(0, -1) },
        { 'X-Webhook-Secret': [secret, secret] },
        { 'X-Webhook-Secret': secret.toUpperCase() },
      ]
      for (const headers of bad) isRefusal(await deliver(lab, 'header-secret', headers, body), invalid)
    },
  },
  ...under({ signature: { now: 1_700_000_000 } }, [
    {
      name: 'the tolerance is 300 seconds both ways, borders included',
      run: async (lab) => {
        for (const [scheme, sign] of Object.entries(senders).filter(([name]) => !/github|header/.test(name))) {
          for (const [off, isIn] of [
            [-301, false],
            [-300, true],
            [300, true],
            [301, false],
          ] as const) {
            const body = message()
            const answer = await deliver(lab, scheme, sign(body, { at: 1_700_000_000 + off }), body)
            if (isIn) isVerified(answer, body)
            else isRefusal(answer, invalid)
          }
        }
      },
    },
  ]),
  ...under({ signature: { onReplay: 'acknowledge' } }, [
    {
      name: 'where that is asked for a replay is acknowledged and not handled',
      run: async (lab) => {
        const body = message()
        const headers = senders.svix(body)
        isVerified(await deliver(lab, 'svix', headers, body), body)
        const again = await deliver(lab, 'svix', headers, body)
        assert.ok(again.status >= 200 && again.status < 300, String(again.status))
        assert.ok(!again.body.includes('verified'))
      },
    },
  ]),
  ...under({ signature: { bodyTimeoutSeconds: 0.2 } }, [
    {
      name: 'a delivery slower than the limit is refused and can be repeated',
      run: async (lab) => {
        const body = message()
        const headers = senders.stripe(body)
        const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
        const head = ['POST /hooks/stripe HTTP/1.1', 'Host: lab', ...fields, `Content-Length: ${body.length}`]
        isRefusal(await exchange(lab, head, body.subarray(0, 5)), refused.timeout)
        isVerified(await deliver(lab, 'stripe', headers, body), body)
      },
    },
  ]),
]
