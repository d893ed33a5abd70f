import { BodyError, type BodyFault, ConfigurationError } from '@latchkey/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ask, options, requestTo } from './guard.test.kit.js'
import type { HttpSignatureEvent } from './guard-event.js'
import { signingKey } from './key.js'
import { body, created, policy, secret, signedBy } from './message.test.kit.js'
import { signRequest } from './sign.js'

afterEach(() => vi.useRealTimers())

test('a genuine request passes, and the handler learns what it may trust', async () => {
  const events: HttpSignatureEvent[] = []
  const signatures = [
    {
      label: 'sig1',
      keyid: 'k',
      algorithm: 'hmac-sha256',
      components: ['"@method"', '"content-digest"'],
      createdAtMs: created * 1000,
      expiresAtMs: undefined,
      nonce: 'n',
      tag: 't',
    },
  ]
  const fields = signedBy({ parameters: `;created=${created};keyid="k";nonce="n";tag="t"` })
  const observed = { ...options, observe: (event: HttpSignatureEvent) => events.push(event) }
  expect(await ask(observed, requestTo(fields))).toEqual({ grant: { scheme: 'rfc9421', id: undefined, signatures } })
  expect(events).toEqual([{ scheme: 'rfc9421', type: 'signature.verified', signatures }])
})

describe('a refusal', () => {
  test('says the same whatever the reason is, which the observer is told', async () => {
    const events: HttpSignatureEvent[] = []
    const given = { ...options, observe: (event: HttpSignatureEvent) => events.push(event) }
    const bad = [
      requestTo({}),
      requestTo(signedBy({ secret: 'another' })),
      requestTo(signedBy({ parameters: ';created=1' })),
      requestTo(signedBy(), 'another body'),
    ]
    const answers: unknown[] = []
    for (const request of bad) answers.push(await ask(given, request))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 401, problem: { code: 'signature-invalid' } })
    expect(events.map((event) => 'reason' in event && event.reason)).toEqual([
      'missing',
      'mismatch',
      'stale',
      'digest-mismatch',
    ])
  })

  test('comes before the body is read, unless it is about the body', async () => {
    const forged = requestTo(signedBy({ secret: 'another' }))
    await ask(options, forged)
    expect(forged.body).not.toHaveBeenCalled()
    const unsigned = requestTo(signedBy({ components: ['"@method"'] }))
    expect(await ask({ ...options, policy: { ...policy, required: [] } }, unsigned)).toHaveProperty('grant')
    expect(unsigned.body).not.toHaveBeenCalled()
  })

  test.each<[BodyFault, number, string]>([
    ['too-large', 413, 'request-too-large'],
    ['timeout', 408, 'request-timeout'],
    ['aborted', 408, 'request-timeout'],
    ['busy', 503, 'signature-unavailable'],
  ])('of a body that is %s is %i', async (fault, status, code) => {
    const request = requestTo(signedBy(), body, () => Promise.reject(new BodyError(fault)))
    expect(await ask(options, request)).toMatchObject({ status, problem: { code } })
  })

  test('is no answer to a misuse: that is an error', async () => {
    const misuse = new ConfigurationError('body-already-read', 'a parser stands before the guard')
    const request = requestTo(signedBy(), body, () => Promise.reject(misuse))
    await expect(ask(options, request)).rejects.toBe(misuse)
  })
})

test('a body that another guard has read before is the same body', async () => {
  const request = requestTo(signedBy(), body, async () => Buffer.from(body))
  expect(await ask(options, request)).toHaveProperty('grant')
})

describe('keys that cannot be had', () => {
  test('are 503, told to the observer', async () => {
    const error = new Error('the directory is down')
    const observe = vi.fn()
    const keys = () => {
      throw error
    }
    const answer = await ask({ ...options, keys, observe }, requestTo(signedBy()))
    expect(answer).toMatchObject({ status: 503, problem: { code: 'signature-unavailable' } })
    expect(observe).toHaveBeenCalledWith({ scheme: 'rfc9421', type: 'signature.secrets_failed', error })
    const rejecting = { ...options, keys: () => Promise.reject(error) }
    expect(await ask(rejecting, requestTo(signedBy()))).toMatchObject({ status: 503 })
    const confused = { ...options, keys: () => 'a secret' as never }
    expect(await ask(confused, requestTo(signedBy()))).toMatchObject({ status: 503 })
  })

  test('are 503 where they come too late', async () => {
    vi.useFakeTimers()
    const answer = ask({ ...options, keys: () => new Promise(() => {}) }, requestTo(signedBy()))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await answer).toMatchObject({ status: 503 })
  })

  test('are 401 where there are none', async () => {
    expect(await ask({ ...options, keys: () => null }, requestTo(signedBy()))).toMatchObject({ status: 401 })
  })
})

test('behind a proxy the origin is the one that was configured, the path and query those that came', async () => {
  const signing = signingKey({ algorithm: 'hmac-sha256', key: secret })
  const url = 'https://api.example.com/hooks'
  const sent = { method: 'POST', url, headers: {}, body }
  const components = ['@method', '@target-uri', 'content-digest']
  const { headers } = await signRequest(sent, { key: signing, components, nowMs: created * 1000 })
  const given = { ...options, policy: { ...policy, required: components } }
  expect(await ask(given, requestTo(headers))).toMatchObject({ status: 401 })
  expect(await ask({ ...given, publicOrigin: 'https://api.example.com' }, requestTo(headers))).toHaveProperty('grant')
  expect(await ask({ ...given, publicOrigin: 'https://other.example.com' }, requestTo(headers))).toMatchObject({
    status: 401,
  })
})

test('lines that the host has joined cannot be wrapped one by one', async () => {
  const fields = signedBy({ components: ['"@method"', '"content-digest"', '"x-a";bs'] })
  expect(await ask(options, requestTo({ ...fields, 'x-a': ['1', '2'] }))).toMatchObject({ status: 401 })
})
