import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { finding, type Message, ScanningRig, signingKey } from './secret-scanning.test.kit.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Messages and keys from GitHub's own documents, of three ages. */
const published = [
  {
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==',
    identifier: 'bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c',
    signature: 'MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==',
    body: '[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]',
  },
  {
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP\nHzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==',
    identifier: 'f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d',
    signature: 'MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T9GGJo6WJY=',
    body: '[{"token":"some_token","type":"some_type","url":"some_url","source":"some_source"}]',
  },
  {
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUq\nkCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==',
    identifier: '90a421169f0a406205f1563a953312f0be898d3c7b6c06b681aa86a874555f4a',
    signature: 'MEUCIQDKZokqnCjrRtw0tni+2Ltvl/uiMJ1EGumEsp1BsNr32AIgQY1YXD2nlj+XNfGK4rBfkMJ1JDOQcYXxa2sY8FNkrKc=',
    body: '[{"token":"some_token","type":"some_type","url":"some_url"}]',
  },
]

describe.each(published)('GitHub’s own example under $identifier', ({ key, identifier, signature, body }) => {
  const message: Message = {
    body,
    headers: { 'github-public-key-identifier': identifier, 'github-public-key-signature': signature },
  }
  const rigWithKey = () => {
    const rig = new ScanningRig()
    rig.github.published = [{ identifier, pem: `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----\n` }]
    return rig
  }

  test('is genuine, and its token is none of ours', async () => {
    const { status, json } = await rigWithKey().post(message)
    expect(status).toBe(200)
    expect(json).toEqual([{ token_hash: sha256('some_token'), token_type: 'some_type', label: 'false_positive' }])
  })

  test('is refused with one byte more', async () => {
    expect(await rigWithKey().post({ ...message, body: `${body}\n` })).toMatchObject({ status: 401 })
  })
})

describe('a message that is not GitHub’s', () => {
  const stranger = signingKey('a1')
  const field = 'github-public-key-signature'
  const cases: [string, string, (rig: ScanningRig, genuine: Message) => Message][] = [
    ['has no signature', 'missing', (_, { body, headers: { [field]: _signature, ...headers } }) => ({ body, headers })],
    ['has no identifier', 'missing', (_, { body, headers }) => ({ body, headers: { [field]: headers[field]! } })],
    ['has two signatures', 'duplicate', (_, genuine) => ({ ...genuine, repeated: [field] })],
    ['has a signature in base64url', 'malformed', (_, genuine) => edited(genuine, (text) => `-${text.slice(1)}`)],
    ['has a signature with something behind it', 'malformed', (_, genuine) => edited(genuine, (text) => `${text}A`)],
    ['has a signature with a space behind it', 'malformed', (_, genuine) => edited(genuine, (text) => `${text} `)],
    ['has a signature of any length', 'malformed', (_, genuine) => edited(genuine, (text) => text.repeat(100))],
    ['has a signature that is no DER', 'mismatch', (_, genuine) => edited(genuine, () => 'AAAA')],
    ['has a signature of two zeros', 'mismatch', (_, genuine) => edited(genuine, () => 'MAYCAQACAQA=')],
    ['names another key', 'unknown-key', (rig) => rig.github.message([], signingKey('b2'))],
    ['names a key with a separator', 'malformed', (rig) => rig.github.message([], signingKey('a1, a1'))],
    ['is signed with another key', 'mismatch', (rig) => rig.github.message([], stranger)],
    ['was changed', 'mismatch', (_, genuine) => ({ ...genuine, body: `${genuine.body} ` })],
    ['is no JSON', 'unreadable', (rig) => rig.github.message('acme')],
    ['is no list', 'unreadable', (rig) => rig.github.message({ token: 'a', type: 'b' })],
    ['is no list of findings', 'unreadable', (rig) => rig.github.message([null, { token: 1, type: 'b' }])],
  ]
  const edited = (message: Message, edit: (signature: string) => string): Message => ({
    ...message,
    headers: { ...message.headers, [field]: edit(message.headers[field]!) },
  })

  test.each(cases)('is refused where it %s, and says no more than that', async (_, reason, make) => {
    const rig = new ScanningRig()
    const { key } = await rig.keys.issue({ ownerId: 'org_1' })
    const answer = await rig.post(make(rig, rig.github.message([finding(key)])))
    expect(answer).toMatchObject({ status: 401, fields: { 'cache-control': 'no-store' } })
    expect(answer.json).toMatchObject({
      code: 'signature-invalid',
      detail: 'The request does not carry a valid signature.',
    })
    expect(rig.events).toEqual([{ type: 'secret-scanning.refused', code: 'signature-invalid', reason }])
    expect(await rig.keys.verify(key)).toMatchObject({ isValid: true })
    expect(rig.bodiesRead).toBe(['mismatch', 'unreadable'].includes(reason) ? 1 : 0)
  })

  test.each([
    ['too-large', 413, 'request-too-large'],
    ['timeout', 408, 'request-timeout'],
    ['aborted', 408, 'request-timeout'],
    ['busy', 503, 'signature-unavailable'],
  ] as const)('is refused where its body is %s', async (fault, status, code) => {
    const rig = new ScanningRig()
    expect(await rig.post({ ...rig.github.message([]), fault })).toMatchObject({ status, json: { code } })
    expect(rig.refusals).toEqual([fault])
  })
})
