import { createHmac } from 'node:crypto'
import {
  type BoundScheme,
  type MessageHeaders,
  type OutgoingMessage,
  sign,
  signaturePresets,
  verify,
} from '@latchkey/core'
import { describe, expect, test } from 'vitest'

const secret = 'a secret of theirs'
const body = '{"id":"evt_1","text":"😀 ünïcode"}'
const url = 'https://api.example.com/hooks?tenant=1'
const nowMs = 1_700_000_000_000
const iso = new Date(nowMs).toISOString()
const mac = (hash: string, encoding: 'hex' | 'base64', content: string) =>
  createHmac(hash, secret).update(content).digest(encoding)

interface Documented {
  readonly name: string
  /** As the provider's documents say it is computed. */
  readonly headers: Record<string, string>
  readonly message?: Partial<OutgoingMessage>
}

/** Providers that publish no vectors. */
const documented: readonly Documented[] = [
  { name: 'meta', headers: { 'x-hub-signature-256': `sha256=${mac('sha256', 'hex', body)}` } },
  { name: 'gitea', headers: { 'x-forgejo-signature': mac('sha256', 'hex', body) } },
  { name: 'intercom', headers: { 'x-hub-signature': `sha1=${mac('sha1', 'hex', body)}` } },
  { name: 'shopify', headers: { 'x-shopify-hmac-sha256': mac('sha256', 'base64', body) } },
  { name: 'vercel', headers: { 'x-vercel-signature': mac('sha1', 'hex', body) } },
  { name: 'notion', headers: { 'x-notion-signature': `sha256=${mac('sha256', 'hex', body)}` } },
  { name: 'asana', headers: { 'x-hook-signature': mac('sha256', 'hex', body) } },
  { name: 'trello', headers: { 'x-trello-webhook': mac('sha1', 'base64', body + url) } },
  { name: 'workos', headers: { 'workos-signature': `t=${nowMs}, v1=${mac('sha256', 'hex', `${nowMs}.${body}`)}` } },
  {
    name: 'twitch',
    headers: {
      'twitch-eventsub-message-id': 'e76c6bd4-55c9-4987-8304-da1588d8988b',
      'twitch-eventsub-message-timestamp': iso,
      'twitch-eventsub-message-signature': `sha256=${mac('sha256', 'hex', `e76c6bd4-55c9-4987-8304-da1588d8988b${iso}${body}`)}`,
    },
    message: { id: 'e76c6bd4-55c9-4987-8304-da1588d8988b' },
  },
  {
    name: 'zendesk',
    headers: {
      'x-zendesk-webhook-signature': mac('sha256', 'base64', iso + body),
      'x-zendesk-webhook-signature-timestamp': iso,
    },
  },
]

const isValid = async (scheme: BoundScheme, headers: MessageHeaders, message: { body: string; url?: string }) =>
  (await verify(scheme, { headers, url, ...message }, { nowMs })).isValid

describe.each(documented)('$name, computed as its documents say', ({ name, headers, message }) => {
  const preset = signaturePresets[name]!
  const scheme = preset({ secrets: [secret] })

  test('verifies, and does not with another body, secret or URL that is signed', async () => {
    expect(await isValid(scheme, headers, { body })).toBe(true)
    expect(await isValid(scheme, headers, { body: `${body}\n` })).toBe(false)
    expect(await isValid(preset({ secrets: ['another'] }), headers, { body })).toBe(false)
    if (name === 'trello') expect(await isValid(scheme, headers, { body, url: `${url}0` })).toBe(false)
  })

  test('is what we sign', () => {
    expect(sign(preset, { body, url, timestampMs: nowMs, ...message }, secret)).toEqual(headers)
  })
})

test('gitea: a right signature in the older field does not rescue a wrong one in Forgejo’s', async () => {
  const scheme = signaturePresets.gitea!({ secrets: [secret] })
  const right = mac('sha256', 'hex', body)
  expect(await isValid(scheme, { 'x-gitea-signature': right }, { body })).toBe(true)
  const both = {
    'x-gitea-signature': right,
    'x-forgejo-signature': right.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
  }
  expect(await isValid(scheme, both, { body })).toBe(false)
})

test('mailgun signs time and token, in the body', async () => {
  const scheme = signaturePresets.mailgun!({ secrets: [secret] })
  const signature = { timestamp: '1700000000', token: 'ab12', signature: mac('sha256', 'hex', '1700000000ab12') }
  expect(await isValid(scheme, {}, { body: JSON.stringify({ signature }) })).toBe(true)
  for (const wrong of [{ token: 'ab13' }, { timestamp: '1700000001' }, { timestamp: 1.7e9 + 0.5 }, { token: null }]) {
    expect(await isValid(scheme, {}, { body: JSON.stringify({ signature: { ...signature, ...wrong } }) })).toBe(false)
  }
})

test('HubSpot signs the URL with its twelve escapes undone, and no others', async () => {
  const scheme = signaturePresets['hubspot-v3']!({ secrets: [secret] })
  const sent = 'https://api.example.com/a%3Ab?q=%2F%3F%40%21%24%27%28%29%2A%2C%3B%20%26'
  const signed = "https://api.example.com/a:b?q=/?@!$'()*,;%20%26"
  const headers = {
    'x-hubspot-signature-v3': mac('sha256', 'base64', `POST${signed}${body}${nowMs}`),
    'x-hubspot-request-timestamp': String(nowMs),
  }
  expect(await isValid(scheme, headers, { body, url: sent })).toBe(true)
  expect(await isValid(scheme, headers, { body, url: `${sent}x` })).toBe(false)
})

test('hook0: what is signed with chosen fields is verified with them, in any case', async () => {
  const preset = signaturePresets.hook0!
  const scheme = preset({ secrets: [secret] })
  const fields = { 'X-Event-Id': 'evt-1' }
  const made = sign(preset, { body, timestampMs: nowMs, headers: fields }, secret)
  expect(made['x-hook0-signature']).toMatch(/^t=1700000000,h=x-event-id,v1=/)
  expect(await isValid(scheme, { ...made, ...fields }, { body })).toBe(true)
  expect(await isValid(scheme, { ...made, 'x-event-id': 'evt-2' }, { body })).toBe(false)
  expect(await isValid(scheme, { ...made, 'x-event-id': ['evt-1', 'evt-1'] }, { body })).toBe(false)
  expect(await isValid(scheme, made, { body })).toBe(false)
})
