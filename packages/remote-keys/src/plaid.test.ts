import { describe, expect, test } from 'vitest'
import { p256 } from './jwt-keys.test.kit.js'
import { nowMs } from './key-host.test.kit.js'
import { body, digest, host, iat, kid, signed, url } from './plaid.test.kit.js'

test('a genuine webhook is verified; its key is asked of Plaid once, with our credentials', async () => {
  const { verify, fetch } = host()
  const found = await Promise.all(Array.from({ length: 20 }, () => verify({ headers: signed(), body })))
  const claims = { iat, request_body_sha256: digest(body) }
  expect(found[0]).toEqual({
    isValid: true,
    scheme: 'plaid',
    id: undefined,
    isIdSigned: false,
    signedAtMs: nowMs,
    claims,
  })
  expect(fetch).toHaveBeenCalledTimes(1)
  const [asked, init] = fetch.mock.calls[0] ?? []
  expect(asked).toBe(url)
  expect(JSON.parse(String(init?.body))).toEqual({ client_id: 'client', secret: 'hush', key_id: kid })
})

describe('a token', () => {
  const reason = async (headers: Record<string, string>, text = body) => {
    const { verify, fetch } = host()
    const found = await verify({ headers, body: text })
    return [found.isValid ? 'valid' : found.reason, fetch.mock.calls.length]
  }

  test('by another algorithm, or of another form, is refused before any key is asked for', async () => {
    for (const alg of ['none', 'HS256', 'RS256', 'ES384', 'es256', 'EdDSA']) {
      expect(await reason(signed({ header: { alg } }))).toEqual(['wrong-algorithm', 0])
    }
    const [header = '', claims = '', signature = ''] = signed()['plaid-verification'].split('.')
    for (const wrong of [
      '',
      'a',
      `${header}.${claims}`,
      `${header}.${claims}.`,
      `${header}.${claims}.${signature}=`,
      `${header}.${claims}.${signature}.a`,
      `.${claims}.${signature}`,
      `x.${claims}.${signature}`,
    ]) {
      expect(await reason({ 'plaid-verification': wrong })).toEqual(['malformed', 0])
    }
    expect(await reason({})).toEqual(['missing', 0])
  })

  test('that brings a key along is not believed', async () => {
    const other = { ...p256.jwk, x: p256.jwk.y }
    expect(
      await reason(
        signed({ header: { kid: 'other', jwk: p256.jwk, jku: 'https://evil.test', x5u: 'https://evil.test' } }),
      ),
    ).toEqual(['unknown-key', 1])
    expect(await reason(signed({ header: { jwk: other } }))).toEqual(['valid', 1])
  })

  test.each(['', '../x', 'a b', 'x'.repeat(65), 'é'])('with the key id %j asks nobody', async (id) => {
    const [found, calls] = await reason(signed({ header: { kid: id } }))
    expect(['unknown-key', 'malformed']).toContain(found)
    expect(calls).toBe(0)
  })

  test('must be of the last five minutes, and say so', async () => {
    expect(await reason(signed({ claims: { iat: iat - 300 } }))).toEqual(['valid', 1])
    expect(await reason(signed({ claims: { iat: iat - 301 } }))).toEqual(['stale', 1])
    expect(await reason(signed({ claims: { iat: iat + 301 } }))).toEqual(['future', 1])
    expect(await reason(signed({ claims: { iat: undefined } }))).toEqual(['missing', 1])
    for (const wrong of ['1', 1.5, -1, null, 1e300]) {
      const [found] = await reason(signed({ claims: { iat: wrong } }))
      expect([wrong, ['malformed', 'wrong-claim'].includes(String(found))]).toEqual([wrong, true])
    }
  })

  test('must hold the digest of these bytes, in its one spelling', async () => {
    expect(await reason(signed(), `${body} `)).toEqual(['digest-mismatch', 1])
    expect(await reason(signed(), `\ufeff${body}`)).toEqual(['digest-mismatch', 1])
    for (const request_body_sha256 of [
      undefined,
      '',
      digest(body).slice(1),
      `${digest(body)}00`,
      `0x${digest(body)}`,
      [digest(body)],
    ]) {
      expect(await reason(signed({ claims: { request_body_sha256 } }))).toEqual(['wrong-claim', 1])
    }
  })

  test('of which the signature was changed is refused', async () => {
    const [header, claims, signature = ''] = signed()['plaid-verification'].split('.')
    const changed = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
    expect(await reason({ 'plaid-verification': `${header}.${claims}.${changed}` })).toEqual(['mismatch', 1])
  })
})

describe('a key', () => {
  test('that Plaid does not know is unknown, and not asked for again for a while', async () => {
    const { verify, fetch, clock } = host()
    const headers = signed({ header: { kid: 'other' } })
    for (let index = 0; index < 5; index++) {
      expect(await verify({ headers, body })).toEqual({ isValid: false, reason: 'unknown-key' })
    }
    expect(fetch).toHaveBeenCalledTimes(1)
    clock.advance(300)
    await verify({ headers, body })
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  test('that has expired does not count, from that moment on', async () => {
    const { verify, state, clock } = host()
    state.expired_at = iat + 10
    expect(await verify({ headers: signed(), body })).toMatchObject({ isValid: true })
    clock.advance(10)
    expect(await verify({ headers: signed(), body })).toEqual({ isValid: false, reason: 'unknown-key' })
  })

  test('is asked for again when it is old', async () => {
    const { verify, fetch, state, clock } = host({ maxAgeSeconds: 60 })
    await verify({ headers: signed(), body })
    state.expired_at = iat
    clock.advance(60)
    expect(await verify({ headers: signed(), body })).toEqual({ isValid: false, reason: 'unknown-key' })
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  test.each<[string, object, number]>([
    ['our credentials are wrong', { error_type: 'INVALID_INPUT', error_code: 'INVALID_API_KEYS' }, 400],
    ['it is asked too often', { error_code: 'RATE_LIMIT' }, 429],
    ['it fails', {}, 500],
    ['it answers with nothing', {}, 200],
    ['it answers with a secret key', { key: { kty: 'oct', k: 'c2VjcmV0' } }, 200],
    ['it answers with a key on another curve', { key: { ...p256.jwk, crv: 'P-384' } }, 200],
  ])('cannot be had while %s: that is no verdict on the message, and says nothing secret', async (_, error, status) => {
    const { verify, state } = host()
    Object.assign(state, { error, status })
    const failing = verify({ headers: signed(), body })
    await expect(failing).rejects.toMatchObject({ name: 'KeyHostError' })
    const { message } = (await failing.catch((thrown: unknown) => thrown)) as Error
    expect(message).not.toMatch(/hush|client/)
  })
})
