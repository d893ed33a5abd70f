import { fal, memoryStore, sign, signature, standardWebhooks, verify } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { falKeys, jwks } from './jwks.js'
import { ed25519, p256 } from './jwt-keys.test.kit.js'
import { ask, handClock, hosts, nowMs, requestOf } from './key-host.test.kit.js'

const url = 'https://partner.example.test/jwks.json'
const body = '{"status":"OK"}'
const request = (headers: Record<string, string> = {}) => requestOf(headers, body)
const setOf = (...keys: object[]) => JSON.stringify({ keys })

describe('keys of a set, for a preset', () => {
  test('are those of its kind, in PEM; what is broken, private or for something else is nobody’s', async () => {
    const set = setOf(
      { ...p256.jwk, kid: 'p' },
      { ...ed25519.jwk, kid: 'e' },
      { ...ed25519.jwk, kid: 'enc', use: 'enc' },
      { ...ed25519.jwk, kid: 'private', d: 'AA' },
      { kty: 'OKP', crv: 'Ed25519', x: 'AA' },
      { kty: 'oct', k: 'AA' },
    )
    const fetch = hosts({ [url]: set })
    expect(await jwks(url, { keyType: 'ed25519', fetch })(request())).toEqual([ed25519.publicKey])
    expect(await jwks(url, { keyType: 'p256', fetch })(request())).toEqual([p256.publicKey])
    expect(await jwks(url, { keyType: 'rsa', fetch })(request())).toEqual([])
  })

  test('are found by the id in a request, and only there', async () => {
    const fetch = hosts({ [url]: setOf({ ...ed25519.jwk, kid: 'e' }) })
    const find = jwks(url, { keyType: 'ed25519', fetch, keyId: ({ headers }) => headers.get('x-key-id') })
    expect(await find(request({ 'x-key-id': 'e' }))).toEqual([ed25519.publicKey])
    expect(await find(request({ 'x-key-id': 'other' }))).toEqual([])
    expect(await find(request())).toBeUndefined()
  })

  test('verify Standard Webhooks; without them it is 401, and without their host 503', async () => {
    const answers: Record<string, string | number> = { [url]: setOf({ ...ed25519.jwk, kid: 'e' }) }
    const clock = handClock()
    const set = { fetch: hosts(answers), now: clock.now }
    const raw = Buffer.from(String(ed25519.jwk.x), 'base64url')
    const seed = Buffer.from(ed25519.privateKey.split('\n')[1] ?? '', 'base64').subarray(-32)
    const headers = sign(
      standardWebhooks,
      { body, timestampMs: nowMs },
      `whsk_${Buffer.concat([seed, raw]).toString('base64')}`,
    )
    const secrets = async (asked: Parameters<ReturnType<typeof jwks>>[0]) => {
      const pems = (await jwks(url, { keyType: 'ed25519', ...set })(asked)) ?? []
      return pems.map(
        (pem) =>
          `whpk_${Buffer.from(pem.split('\n')[1] ?? '', 'base64')
            .subarray(-32)
            .toString('base64')}`,
      )
    }
    const guard = signature({ scheme: standardWebhooks({ secrets }), store: memoryStore(), now: clock.now })
    expect(await ask(guard, requestOf(headers, body))).toHaveProperty('grant')
    answers[url] = setOf()
    expect(await ask(guard, requestOf(headers, body))).toMatchObject({ status: 401 })
    answers[url] = 500
    expect(await ask(guard, requestOf(headers, body))).toMatchObject({ status: 503 })
  })
})

test('fal.ai: any key of its set may have signed, and the set is kept for 24 hours', async () => {
  const clock = handClock()
  const fetch = hosts({
    'https://rest.fal.ai/.well-known/jwks.json': setOf({ ...p256.jwk }, { ...ed25519.jwk, kid: 'e' }),
  })
  const scheme = fal({ secrets: falKeys({ fetch, now: clock.now }) })
  const user = { 'x-fal-webhook-user-id': 'user-1' }
  const signed = () => ({
    ...user,
    ...sign(fal, { body, id: 'r-1', timestampMs: clock.ms, headers: user }, ed25519.privateKey),
  })
  const isValid = async (headers: Record<string, string>, text = body) =>
    (await verify(scheme, { headers, body: text }, { nowMs: clock.ms })).isValid
  expect(await isValid(signed())).toBe(true)
  expect(await isValid(signed(), `${body} `)).toBe(false)
  expect(await isValid({ ...signed(), 'x-fal-webhook-user-id': 'user-2' })).toBe(false)
  clock.advance(86_399)
  expect(await isValid(signed())).toBe(true)
  expect(fetch).toHaveBeenCalledTimes(1)
  clock.advance(1)
  expect(await isValid(signed())).toBe(true)
  expect(fetch).toHaveBeenCalledTimes(2)
})
