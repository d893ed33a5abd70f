import { github, type Scheme, type SecretRule, signaturePresets, stripe, verify } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { signedMessage, signedRequest } from './signed-request.js'

const url = 'https://api.example.test/hooks/bank?tenant=1'
const body = '{"id":"evt_1","type":"payment.settled"}'

/** The key pair of Svix's own tests: the seed of 32 bytes, then the public key. */
const pair = Buffer.from(
  '6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
  'base64',
)

/** A secret of the scheme: what signs, and what verifies. */
function secretsOf({ secrets }: Scheme): { signs: string; verifies: string } {
  const spelled = (kind: SecretRule['kind'], bytes: Buffer) => {
    const rule = secrets.find((each) => each.kind === kind)
    if (rule === undefined) return undefined
    return (rule.prefix ?? '') + (rule.encoding === 'utf8' ? bytes.toString('hex') : bytes.toString(rule.encoding))
  }
  const shared = spelled('hmac', pair.subarray(0, 32)) ?? spelled('text', pair.subarray(0, 32))
  const signs = shared ?? spelled('ed25519-private', pair)
  return { signs: signs!, verifies: shared ?? spelled('ed25519-public', pair.subarray(32))! }
}

describe.each(Object.entries(signaturePresets))('a request signed as by %s', (_, preset) => {
  const { signs, verifies } = secretsOf(preset.scheme)
  const verified = async (request: Request) =>
    verify(preset({ secrets: [verifies] }), {
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: new Uint8Array(await request.arrayBuffer()),
    })

  test('is one that its preset verifies', async () => {
    expect(await verified(signedRequest(preset, { url, body, secret: signs }))).toMatchObject({ isValid: true })
  })

  test('and with another body one that it does not', async () => {
    const { method, headers } = signedMessage(preset, { url, body, secret: signs })
    const forged = new Request(url, { method, headers, body: body.replace('settled', 'refused') })
    expect(await verified(forged)).toMatchObject({ isValid: false })
  })
})

test('the known answer of GitHub’s documentation', () => {
  const { headers } = signedMessage(github, { secret: "It's a Secret to Everybody", body: 'Hello, World!' })
  expect(headers['x-hub-signature-256']).toBe('sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17')
})

test('further fields go along, and none of them replaces a signature', () => {
  const headers = { 'Content-Type': 'text/plain', 'X-Hub-Signature-256': 'sha256=0', 'X-GitHub-Event': 'push' }
  const signed = signedMessage(github, { secret: "It's a Secret to Everybody", body: 'Hello, World!', headers })
  expect(signed).toEqual({
    method: 'POST',
    headers: {
      'content-type': 'text/plain',
      'x-github-event': 'push',
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    body: 'Hello, World!',
  })
})

test('the time is what the message says, for receivers whose clock is a test’s', () => {
  const { headers } = signedMessage(stripe, { secret: 'whsec_test', body: '', timestampMs: 1_700_000_000_999 })
  expect(headers['stripe-signature']).toMatch(/^t=1700000000,/)
})

test('a GET has no body, and is signed as one without', async () => {
  const request = signedRequest(github, { url, method: 'GET', body: '', secret: 'a' })
  expect([request.method, request.body]).toEqual(['GET', null])
})
