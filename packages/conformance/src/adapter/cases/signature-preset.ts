import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { signaturePresets } from '@latchkey/core'
import { type Answer, call, field } from '../call.js'
import { deliver, invalid, isVerified } from '../deliveries.js'
import { isRefusal } from '../expectations.js'
import type { AdapterCase } from '../lab.js'
import { presetDelivery } from '../preset-deliveries.js'
import { now } from '../senders.js'

const verified = Object.keys(signaturePresets).map(
  (name): AdapterCase => ({
    name: `${name}: what its provider sends is handled, and nothing that was changed on the way`,
    run: async (lab) => {
      const { headers, body, query, tampered } = presetDelivery(name, lab.url)
      isRefusal(await deliver(lab, name, tampered.headers, tampered.body, query), invalid)
      isRefusal(await deliver(lab, name, { 'content-type': 'application/json' }, body.subarray(0, 1), query), invalid)
      const type = headers['content-type'] as string
      isVerified(await call(lab, `POST /hooks/${name}${query}`, { body, headers, type }), body)
    },
  }),
)

function isText(answer: Answer, text: string): void {
  assert.equal(answer.status, 200, answer.body.toString())
  assert.equal(answer.body.toString(), text)
  assert.equal(field(answer, 'x-content-type-options'), 'nosniff')
  assert.match(field(answer, 'content-type') ?? '', /^text\/plain/)
}

const handshakes: readonly AdapterCase[] = [
  {
    name: 'Meta is answered with its challenge where it knows the verify token',
    run: async (lab) => {
      const ask = (token: string, challenge = '1158201444') =>
        call(lab, `GET /hooks/meta?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=${challenge}`)
      isText(await ask('lab-secret-meta'), '1158201444')
      isText(await ask('lab-secret-meta', '%3Cb%3E'), '<b>')
      isRefusal(await ask('another'), invalid)
      isRefusal(await ask('lab-secret-meta&hub.verify_token=lab-secret-meta'), invalid)
      isRefusal(await call(lab, 'GET /hooks/meta'), invalid)
    },
  },
  {
    name: 'Dropbox is answered with its challenge, and no other scheme is',
    run: async (lab) => {
      isText(await call(lab, 'GET /hooks/dropbox?challenge=a%20b'), 'a b')
      isRefusal(await call(lab, 'GET /hooks/github?challenge=a'), invalid)
      isRefusal(await call(lab, 'GET /hooks/dropbox?challenge='), invalid)
    },
  },
  {
    name: 'Trello finds the address when it tries it',
    run: async (lab) => {
      assert.equal((await call(lab, 'HEAD /hooks/trello')).status, 200)
      assert.equal((await call(lab, 'HEAD /hooks/github')).status, 401)
    },
  },
  {
    name: 'Asana’s secret is sent back where it is accepted',
    run: async (lab) => {
      const offer = (secret: string | string[]) =>
        call(lab, 'POST /hooks/asana', { headers: { 'x-hook-secret': secret } })
      const answer = await offer('lab-secret-asana')
      assert.equal(answer.status, 200)
      assert.equal(field(answer, 'x-hook-secret'), 'lab-secret-asana')
      isRefusal(await offer('chosen by a stranger'), invalid)
      isRefusal(await offer(['lab-secret-asana', 'lab-secret-asana']), invalid)
    },
  },
  {
    name: 'Notion’s verification token is taken where it is accepted',
    run: async (lab) => {
      const offer = (token: string) => call(lab, 'POST /hooks/notion', { json: { verification_token: token } })
      assert.equal((await offer('lab-secret-notion')).status, 200)
      isRefusal(await offer('chosen by a stranger'), invalid)
    },
  },
  {
    name: 'Slack’s signed challenge is answered, and an unsigned one is refused',
    run: async (lab) => {
      const body = JSON.stringify({
        type: 'url_verification',
        challenge: `c-${now()}-${Math.floor(performance.now())}`,
      })
      const at = String(now())
      const signature = `v0=${mac('lab-secret-slack', `v0:${at}:${body}`)}`
      const headers = { 'x-slack-request-timestamp': at, 'x-slack-signature': signature }
      isText(await call(lab, 'POST /hooks/slack', { body, headers }), JSON.parse(body).challenge)
      isRefusal(await call(lab, 'POST /hooks/slack', { body }), invalid)
      isText(await call(lab, 'POST /hooks/slack', { body: 'ssl_check=1&token=x' }), '')
    },
  },
  {
    name: 'Zoom’s signed token is answered with its HMAC, and one that could be a message is not signed',
    run: async (lab) => {
      const ask = (plainToken: string) => {
        const body = JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken } })
        const at = String(now())
        const signature = `v0=${mac('lab-secret-zoom', `v0:${at}:${body}`)}`
        const headers = { 'x-zm-request-timestamp': at, 'x-zm-signature': signature }
        return call(lab, 'POST /hooks/zoom', { body, headers })
      }
      const plainToken = `q${Math.floor(performance.now() * 1000)}`
      const answer = await ask(plainToken)
      const encryptedToken = mac('lab-secret-zoom', plainToken)
      assert.deepEqual(JSON.parse(answer.body.toString()), { plainToken, encryptedToken })
      isRefusal(await ask(`v0:${now()}:{}`), invalid)
    },
  },
  {
    name: 'Twitch’s signed challenge is answered',
    run: async (lab) => {
      const challenge = `t${Math.floor(performance.now() * 1000)}`
      const body = JSON.stringify({ challenge })
      const at = new Date().toISOString()
      const headers = {
        'twitch-eventsub-message-id': challenge,
        'twitch-eventsub-message-timestamp': at,
        'twitch-eventsub-message-type': 'webhook_callback_verification',
        'twitch-eventsub-message-signature': `sha256=${mac('lab-secret-twitch', challenge + at + body)}`,
      }
      isText(await call(lab, 'POST /hooks/twitch', { body, headers }), challenge)
      isRefusal(await call(lab, 'POST /hooks/twitch', { body: `${body} `, headers }), invalid)
    },
  },
]

function mac(secret: string, content: string): string {
  return createHmac('sha256', secret).update(content).digest('hex')
}

/** Every preset once, and every handshake. */
export const signaturePresetCases: readonly AdapterCase[] = [...verified, ...handshakes]
