import { generateKeyPairSync } from 'node:crypto'
import { github, type Scheme, type SecretRule, signaturePresets, stripe, verify } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { signedMessage, signedRequest } from './signed-request.js'

const url = 'https://api.example.test/hooks/bank?tenant=1'
const now = Date.now()
/** Says "settled" in something that each of the presets signs. */
const body = JSON.stringify({
  id: 'evt_1',
  type: 'payment.settled',
  webhookTimestamp: now,
  signature: { token: 'settled', timestamp: String(Math.floor(now / 1000)) },
  notificationItems: [
    {
      NotificationRequestItem: {
        pspReference: 'settled',
        merchantAccountCode: 'TestMerchant',
        amount: { value: 1000, currency: 'EUR' },
        eventCode: 'AUTHORISATION',
        success: 'true',
      },
    },
  ],
})

const pairs = {
  'ed25519-public': generateKeyPairSync('ed25519'),
  'p256-public': generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  'rsa-public': generateKeyPairSync('rsa', { modulusLength: 2048 }),
}

/** A secret of the scheme: what signs, and what verifies. */
function secretsOf({ secrets }: Scheme): { signs: string; verifies: string } {
  const rule = secrets.find(({ kind }) => kind === 'hmac' || kind === 'text')
  if (rule !== undefined) return { signs: spelled(rule), verifies: spelled(rule) }
  const { privateKey, publicKey } = pairs[secrets[0]!.kind as keyof typeof pairs]
  return {
    signs: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    verifies: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  }
}

function spelled({ prefix = '', encoding }: SecretRule): string {
  return prefix + Buffer.alloc(32, 7).toString(encoding === 'base64' ? 'base64' : 'hex')
}

/** Fields that a sender signs and that are no credential. */
function signedBeside({ content }: Scheme): Readonly<Record<string, string>> {
  const fields = content.flatMap((segment) =>
    typeof segment === 'object' && 'field' in segment && segment.isOptional !== true ? [segment.field] : [],
  )
  return Object.fromEntries(fields.map((field) => [field, 'beside']))
}

describe.each(Object.entries(signaturePresets))('a request signed as by %s', (_, preset) => {
  const { signs, verifies } = secretsOf(preset.scheme)
  const isShown = preset.scheme.content.length === 0
  const message = { url, body, secret: signs, headers: signedBeside(preset.scheme) }
  const verified = async (request: Request, text?: string) =>
    verify(preset({ secrets: [verifies] }), {
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: text ?? (await request.text()),
    })

  test('is one that its preset verifies', async () => {
    expect(await verified(signedRequest(preset, message))).toMatchObject({ isValid: true })
  })

  test('and with another body one that it does not, unless nothing is signed', async () => {
    const request = signedRequest(preset, message)
    const forged = (await request.clone().text()).replaceAll('settled', 'refused')
    expect(await verified(request, forged)).toMatchObject({ isValid: isShown })
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
