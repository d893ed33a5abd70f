import { createServer } from 'node:http'
import { apiKeys, github, type Observe, sign } from '@latchkey/core'
import { apiKeyAuth, idempotency, verifySignature } from '@latchkey/express'
import { faultyStore } from '@latchkey/testing'
import express from 'express'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { listening } from '../keys/key-hosts.js'
import { foundIn, shown, stores } from './sinks.js'

vi.setConfig({ testTimeout: 60_000 })

const canary = (name: string) => `canary${name}Xk29vQm4Zt7`
const hidden = {
  body: canary('body'),
  cookie: canary('cookie'),
  idempotencyKey: canary('idem'),
  pepper: canary('pepper-of-at-least-32-characters'),
  webhookSecret: canary('webhook'),
  recordSecret: canary('record-secret-of-32-characters-'),
  wrongKey: `acme_live_${canary('wrong')}`,
  foreignToken: canary('token'),
}

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  vi.restoreAllMocks()
  for (const work of cleanUp.splice(0).reverse()) await work()
})

/** Everything that is written to the console, by whomever. */
function listened(): string[] {
  const written: string[] = []
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  }
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, name).mockImplementation((...parts) => void written.push(shown(parts)))
  }
  return written
}

describe.each(stores)('over $name', ({ name, missing, start }) => {
  test.skipIf(missing !== undefined)(
    missing ?? 'nothing that was secret is anywhere but where it belongs',
    async () => {
      const { store: sound, dump, remove } = await start()
      cleanUp.push(remove)
      const { store, inject } = faultyStore(sound)
      const sinks: string[] = listened()
      const observe: Observe<unknown> = (event) => void sinks.push(shown(event))
      const peppers = { current: 'a', secrets: { a: hidden.pepper } }
      const keys = apiKeys({ store, prefix: 'acme', peppers, observe })
      const { key, info } = await keys.issue({ ownerId: 'org_1' })
      // What is shown of a key is its prefix, environment and id.
      const secrets = { ...hidden, key: key.split('_').at(-1)! }

      const auth = apiKeyAuth({ keys, observe })
      const once = idempotency({ store, scope: 'caller', secret: hidden.recordSecret, observe })
      const signed = verifySignature({ scheme: github({ secrets: [hidden.webhookSecret] }), store, observe })
      const app = express()
      app.post('/pay', auth, once, (req, res) => {
        sinks.push(shown([auth.grant(req), once.grant(req)]))
        res.set('set-cookie', hidden.cookie).status(201).json({ paid: true })
      })
      app.post('/hook', signed, (req, res) => {
        sinks.push(shown(signed.grant(req)))
        res.sendStatus(204)
      })
      const server = createServer(app).listen(0, '127.0.0.1')
      cleanUp.push(() => {
        server.closeAllConnections()
        server.close()
        return once.guard.close({ drainSeconds: 0 })
      })
      const url = await listening(server)

      const post = async (path: string, headers: Record<string, string>, body: string): Promise<number> => {
        const answer = await fetch(url + path, { method: 'POST', headers, body })
        const { 'set-cookie': _, ...fields } = Object.fromEntries(answer.headers)
        sinks.push(JSON.stringify(fields), await answer.text())
        return answer.status
      }
      const pay = (credential = key, text = hidden.body, own = hidden.idempotencyKey) =>
        post(
          '/pay',
          { authorization: `Bearer ${credential}`, 'idempotency-key': own, 'content-type': 'application/json' },
          JSON.stringify({ text }),
        )
      const deliver = (secret = hidden.webhookSecret) =>
        post('/hook', { ...sign(github, { body: hidden.body }, secret), 'x-github-delivery': '1' }, hidden.body)

      expect([await pay(), await pay(), await pay(key, 'another')]).toEqual([201, 201, 422])
      expect([await pay(hidden.wrongKey), await pay(hidden.foreignToken), await pay(`${key}0`)]).toEqual([
        401, 401, 401,
      ])
      expect(await pay(key, hidden.body, `"${hidden.idempotencyKey}`)).toBe(400)
      expect([await deliver(), await deliver('another'), await deliver()]).toEqual([204, 401, 409])
      for (const place of ['keys', 'idempotency.claim', 'replay.reserve'] as const) {
        inject(place, 'fail')
        expect(await (place === 'replay.reserve' ? deliver() : pay())).toBe(503)
        inject(place, 'ok')
      }
      inject('idempotency.settle', 'fail')
      expect(await pay(key, hidden.body, `${hidden.idempotencyKey}2`)).toBe(201)
      inject('idempotency.settle', 'ok')
      for (const thing of [sound, store, keys, auth, once, signed]) sinks.push(shown(thing))
      const dumped = await dump()
      expect(dumped.includes(info.id)).toBe(name !== 'memory')

      const text = [...sinks, dumped].join('\n')
      for (const type of [
        'api-key.refused',
        'idempotency.store_failed',
        'idempotency.settle_failed',
        'signature.refused',
      ])
        expect([type, text.includes(type)]).toEqual([type, true])
      expect(foundIn(text, secrets)).toEqual([])
    },
  )
})

describe('the scan bites', () => {
  const secret = 'canaryXk29vQm4Zt7secret'

  test.each([
    ['as it is', secret],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['in capitals of hexadecimal', Buffer.from(secret).toString('hex').toUpperCase()],
    ['in base64 behind something', Buffer.from(`user:${secret}`).toString('base64')],
    ['as the cause of an error', shown(new Error('it failed', { cause: new Error(secret) }))],
    ['in a member that is not enumerable', shown(Object.defineProperty({}, 'key', { value: secret }))],
    ['in a map', shown({ secrets: new Map([['a', secret]]) })],
  ])('on a secret %s', (_, text) => {
    expect(foundIn(`before ${text} after`, { secret })).toEqual(['secret'])
    expect(foundIn('nothing of that kind', { secret })).toEqual([])
  })
})
