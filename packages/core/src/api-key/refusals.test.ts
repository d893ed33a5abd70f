import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fillRandom } from '../crypto.js'
import { bearer, GuardRig, inField, type Refused } from './guard-rig.js'
import { mintKey } from './key/grammar.js'

let rig: GuardRig

beforeEach(async () => {
  rig = await GuardRig.create()
})

afterEach(() => {
  vi.useRealTimers()
})

const dead = ['revoked', 'disabled', 'expired'] as const

describe('401', () => {
  test('no credential: a challenge and no error', async () => {
    const missing = { status: 401, code: 'api-key-missing', challenge: 'Bearer realm="api"' }
    expect(await rig.refused({})).toMatchObject(missing)
    expect(await rig.refused({ headers: { Authorization: 'Basic YTpi' } })).toMatchObject(missing)
  })

  test('bad shape, bad checksum, unknown id, wrong secret, a dead id with a wrong secret: the same bytes', async () => {
    const right = rig.key('alice')
    const presented = [
      ...[bearer('acme_live_short'), bearer(right.slice(0, -1)), bearer(`${right.slice(0, -6)}000000`)],
      ...[bearer(mintKey('acme', 'live', fillRandom).key), bearer(rig.forged('alice')), bearer(rig.forged('revoked'))],
      ...[bearer(rig.forged('disabled')), bearer(rig.forged('expired')), bearer(rig.forged('test'))],
      ...[bearer('e30.e30.c2ln'), inField('x'), inField('\u0000'), inField('ключ'), inField(`acme_${'a'.repeat(1e5)}`)],
    ]
    const options = { environment: 'live', scopes: ['payments:write'] }
    const answers: Refused[] = []
    for (const asked of presented) answers.push(await rig.refused(asked, options))
    expect(answers[0]).toMatchObject({
      status: 401,
      code: 'api-key-invalid',
      challenge: 'Bearer realm="api", error="invalid_token"',
    })
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test.each(dead)('%s: the holder of the secret is told so', async (name) => {
    expect(await rig.refused(bearer(rig.key(name)))).toMatchObject({
      status: 401,
      code: `api-key-${name}`,
      challenge: 'Bearer realm="api", error="invalid_token"',
    })
  })

  test.each(dead)('%s: or not, where the guard keeps its reasons', async (name) => {
    const options = { revealReason: false }
    const invalid = await rig.refused(bearer('acme_'), options)
    expect(await rig.refused(bearer(rig.key(name)), options)).toEqual(invalid)
    expect(rig.events.at(-1)).toMatchObject({ code: 'api-key-invalid', reason: name })
  })

  test('the challenge names the realm and the scheme that were configured', async () => {
    const options = { realm: 'payments', credentials: [{ header: 'X-Key' }, { scheme: 'ApiKey' }] }
    expect((await rig.refused({}, options)).challenge).toBe('ApiKey realm="payments"')
    expect((await rig.refused({}, { credentials: [{ header: 'X-Key' }] })).challenge).toBe('Bearer realm="api"')
  })
})

test('400: two keys', async () => {
  const headers = { ...bearer(rig.key('alice')).headers, ...inField(rig.key('alice')).headers }
  expect(await rig.refused({ headers })).toMatchObject({
    status: 400,
    code: 'api-key-ambiguous',
    challenge: 'Bearer realm="api", error="invalid_request"',
  })
})

describe('403', () => {
  test('another environment, before scopes are looked at', async () => {
    const answer = await rig.refused(bearer(rig.key('test')), { environment: 'live', scopes: ['orders:read'] })
    expect(answer).toMatchObject({ status: 403, code: 'api-key-environment-mismatch', challenge: undefined })
  })

  test.each([
    [{ scopes: ['payments:read', 'payments:write'] }, 'payments:read payments:write'],
    [{ anyOf: ['orders:read', 'payments:write'] }, 'orders:read payments:write'],
    [{ scopes: ['payments:read'], anyOf: ['orders:read'] }, 'payments:read orders:read'],
  ])('%j is not granted: the scopes', async (options, scope) => {
    expect(await rig.refused(bearer(rig.key('reader')), options)).toMatchObject({
      status: 403,
      code: 'api-key-insufficient-scope',
      challenge: `Bearer realm="api", error="insufficient_scope", scope="${scope}"`,
    })
  })
})

describe('503', () => {
  test.each([
    [
      'a store that throws',
      () => {
        throw new Error('SELECT * FROM keys')
      },
    ],
    ['a store that rejects', () => Promise.reject(new Error('SELECT * FROM keys'))],
    [
      'a pepper that is not there',
      (id: string) => ({ ...rig.store.keys.find(id), algorithm: 'hmac-sha256', pepperId: 'gone' }),
    ],
  ])('%s', async (_, find) => {
    const answer = await rig.refused(bearer(rig.key('alice')), { keys: rig.keysOver({ find }) })
    expect(answer).toMatchObject({ status: 503, code: 'api-key-store-unavailable', challenge: undefined })
    expect(answer.fields['retry-after']).toBe('1')
    expect(answer.text).not.toContain('SELECT')
    expect(rig.events.at(-2)).toMatchObject({ type: 'api-key.store_failed', error: expect.any(Error) })
  })

  test.each([
    [{}, 1000],
    [{ storeTimeoutSeconds: 0.25 }, 250],
  ])('a store that does not answer, with %j after %s ms', async (options, afterMs) => {
    vi.useFakeTimers()
    const keys = rig.keysOver({ find: () => new Promise(() => {}) })
    const answered = vi.fn()
    const answer = rig.refused(bearer(rig.key('alice')), { keys, ...options }).finally(answered)
    await vi.advanceTimersByTimeAsync(afterMs - 1)
    expect(answered).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(await answer).toMatchObject({ status: 503, code: 'api-key-store-unavailable' })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('every refusal', () => {
  test('is a problem that no cache keeps', async () => {
    for (const key of [...rig.all, 'acme_', '']) {
      const { fields } = await rig.refused(bearer(key), { environment: 'test', scopes: ['orders:read'] })
      expect(fields).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/problem+json' })
    }
  })

  test('holds nothing of a key and does not say who asked', async () => {
    for (const key of rig.all) {
      const { fields, text } = await rig.refused(bearer(key), { environment: 'test', scopes: ['orders:read'] })
      const told = JSON.stringify(fields) + text
      for (const piece of [key, key.slice(10, 22), key.slice(23), 'alice', '192.0.2.1'])
        expect(told).not.toContain(piece)
    }
  })

  test('leads to the documentation where there is one', async () => {
    const { text } = await rig.refused({}, { problemBaseUrl: 'https://docs.test/problems#' })
    expect(JSON.parse(text).type).toBe('https://docs.test/problems#api-key-missing')
  })
})
