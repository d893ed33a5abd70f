import { verify as nodeVerify, X509Certificate } from 'node:crypto'
import { memoryStore } from '@latchkey/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { certificates, privateKey } from './certificates.test.kit.js'
import { ask, type HostAnswer, handClock, hosts, nowMs, requestOf } from './key-host.test.kit.js'
import { oddCertificates } from './odd-certificates.test.kit.js'
import { paypal, paypalVerifier } from './paypal.js'
import type { PaypalOptions } from './paypal-options.js'
import { signPaypal } from './sign.js'

const certUrl = 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77'
const webhookId = '4JH86294D6297924G'
const body = '{"id":"WH-0G2756385H040842W-5Y612302CV158622M"}'
const headers = signPaypal({ body, webhookId, certUrl, timestampMs: nowMs }, privateKey)
const chained = `${certificates.paypal}\n${certificates.intermediate}\n`
const digicert = (name: string) => `https://cacerts.digicert.com/${name}.crt`
const der = (pem: string) => new Response(new Uint8Array(new X509Certificate(pem).raw))

function host(
  answers: Readonly<Record<string, HostAnswer>> = { [certUrl]: chained },
  more: Partial<PaypalOptions> = {},
) {
  const clock = handClock()
  const fetch = hosts(answers)
  const options = { webhookId, roots: [certificates.root], keyHost: { fetch }, now: clock.now, ...more }
  return { clock, fetch, options, verify: paypalVerifier(options) }
}

afterEach(() => vi.useRealTimers())

test('what is signed is id, time, webhook and the CRC-32 of the body, as PayPal’s own SDK computes it', () => {
  const sent = {
    transmissionId: 'dfb3be50-fd74-11e4-8bf3-77339302725b',
    timestampMs: Date.parse('2015-05-18T15:45:13Z'),
    webhookId,
    certUrl,
    // The check value of CRC-32: 0xcbf43926.
    body: '123456789',
  }
  const signed = signPaypal(sent, privateKey)
  const content = 'dfb3be50-fd74-11e4-8bf3-77339302725b|2015-05-18T15:45:13Z|4JH86294D6297924G|3421780262'
  const { publicKey } = new X509Certificate(certificates.paypal)
  const signature = Buffer.from(signed['paypal-transmission-sig'] ?? '', 'base64')
  expect(nodeVerify('sha256', Buffer.from(content), publicKey, signature)).toBe(true)
})

test('a genuine delivery is verified, and its certificate is fetched once', async () => {
  const { verify, fetch } = host()
  const found = await Promise.all(Array.from({ length: 20 }, () => verify({ headers, body })))
  const grant = { scheme: 'paypal', id: headers['paypal-transmission-id'], isIdSigned: true, signedAtMs: nowMs }
  expect(found).toEqual(Array.from({ length: 20 }, () => ({ isValid: true, ...grant })))
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('another body, webhook or time is refused', async () => {
  const { verify, options } = host()
  const mismatch = { isValid: false, reason: 'mismatch' }
  expect(await verify({ headers, body: `${body} ` })).toEqual(mismatch)
  expect(await paypalVerifier({ ...options, webhookId: 'OTHER' })({ headers, body })).toEqual(mismatch)
  const later = { ...headers, 'paypal-transmission-time': '2026-09-21T14:13:21Z' }
  expect(await verify({ headers: later, body })).toEqual(mismatch)
})

describe('a certificate', () => {
  const reasonWith = async (answers: Readonly<Record<string, HostAnswer>>, more: Partial<PaypalOptions> = {}) => {
    const found = await host(answers, more).verify({ headers, body })
    return found.isValid ? 'valid' : found.reason
  }

  test.each([
    ['has expired', oddCertificates.expired],
    ['is not valid yet', oddCertificates.early],
    ['bears no name of PayPal’s', oddCertificates.misnamed],
    ['is of another kind of key', oddCertificates.elliptic],
    ['comes from a root of the same name that is not trusted', oddCertificates.stranger],
    ['has issued itself', oddCertificates.selfSigned],
    ['comes from a certificate that may not issue any', `${oddCertificates.underLeaf}\n${certificates.sns}`],
  ])('that %s does not count', async (_, pem) => {
    expect(await reasonWith({ [certUrl]: `${pem}\n${certificates.intermediate}\n${oddCertificates.otherRoot}` })).toBe(
      'unknown-key',
    )
  })

  test('that was valid when it was fetched does not count any more when it has expired', async () => {
    const { verify, clock } = host(
      { [certUrl]: chained },
      { keyHost: { fetch: hosts({ [certUrl]: chained }), maxAgeSeconds: 604_800 } },
    )
    clock.ms = Date.parse('2059-12-31T23:59:59Z')
    const late = signPaypal({ body, webhookId, certUrl, timestampMs: clock.ms }, privateKey)
    expect(await verify({ headers: late, body })).toMatchObject({ isValid: true })
    clock.advance(2)
    expect(await verify({ headers: late, body })).toEqual({ isValid: false, reason: 'unknown-key' })
  })

  test('needs its issuers: beside it, as an option, or from DigiCert', async () => {
    expect(await reasonWith({ [certUrl]: certificates.paypal }, { intermediates: [certificates.intermediate] })).toBe(
      'valid',
    )
    expect(await reasonWith({ [certUrl]: certificates.paypal })).toBe('unknown-key')
    const served = { [certUrl]: certificates.paypal, [digicert('LabIntermediate')]: der(certificates.intermediate) }
    expect(await reasonWith(served)).toBe('valid')
    const wrong = { [certUrl]: certificates.paypal, [digicert('LabIntermediate')]: der(certificates.sns) }
    expect(await reasonWith(wrong)).toBe('unknown-key')
  })

  test('does not say where else to look for its issuer', async () => {
    const elsewhere = {
      [certUrl]: oddCertificates.elsewhere,
      'https://evil.test/LabIntermediate.crt': der(certificates.intermediate),
    }
    const { verify, fetch } = host(elsewhere)
    expect(await verify({ headers, body })).toEqual({ isValid: false, reason: 'unknown-key' })
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([certUrl])
  })

  test('has to lead to a root of the platform where none is given', async () => {
    const options = { webhookId, keyHost: { fetch: hosts({ [certUrl]: chained }) }, now: () => nowMs }
    expect(await paypalVerifier(options)({ headers, body })).toEqual({ isValid: false, reason: 'unknown-key' })
  })

  test('that is not there is unknown, and not asked for again', async () => {
    const { verify, fetch } = host({})
    for (let index = 0; index < 5; index++) {
      expect(await verify({ headers, body })).toEqual({ isValid: false, reason: 'unknown-key' })
    }
    expect(fetch).toHaveBeenCalledTimes(1)
  })
})

describe('a host', () => {
  test.each<[string, HostAnswer, string]>([
    ['redirects', new Response(null, { status: 302, headers: { location: 'https://evil.test/' } }), 'status'],
    ['is down', 503, 'status'],
    ['cannot be reached', () => Promise.reject(new Error('refused')), 'unreachable'],
    ['sends too much', 'x'.repeat(65_537), 'too-large'],
    ['sends a page', '<html></html>', 'malformed'],
    ['sends a certificate in a page', `<pre>${certificates.paypal}</pre>`, 'malformed'],
    ['sends half a certificate', certificates.paypal.replace(/.{40}\n-----END/, '\n-----END'), 'malformed'],
    ['sends a key', privateKey, 'malformed'],
    ['sends nothing', '', 'malformed'],
    ['sends a hundred certificates', `${certificates.paypal}\n`.repeat(9), 'malformed'],
  ])('that %s is no answer, which the observer is told', async (_, answer, fault) => {
    const observe = vi.fn()
    const fetch = hosts({ [certUrl]: answer })
    const { verify } = host({}, { keyHost: { fetch, observe } })
    await expect(verify({ headers, body })).rejects.toMatchObject({ name: 'KeyHostError', fault })
    expect(observe).toHaveBeenCalledWith({ type: 'keys.fetch_failed', error: expect.objectContaining({ fault }) })
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  test('that hangs is 503 in bounded time, and the body is not waited for', async () => {
    vi.useFakeTimers()
    const fetch = () => new Promise<Response>(() => {})
    const guard = paypal({ ...host({}, { keyHost: { fetch } }).options, store: memoryStore() })
    const request = requestOf(headers, body)
    const answer = ask(guard, request)
    await vi.advanceTimersByTimeAsync(1500)
    expect(await answer).toMatchObject({ status: 503, problem: { code: 'signature-unavailable' } })
    expect(request.body).not.toHaveBeenCalled()
  })
})

describe('the guard', () => {
  const guardWith = (more: Partial<PaypalOptions> = {}) => paypal({ ...host().options, store: memoryStore(), ...more })

  test('judges the head before it fetches or reads anything', async () => {
    const { options, fetch } = host()
    const observe = vi.fn()
    const guard = paypal({ ...options, store: memoryStore(), observe })
    const { 'paypal-auth-algo': _, ...without } = headers
    const wrong = [
      without,
      { ...headers, 'paypal-cert-url': [certUrl, certUrl] },
      { ...headers, 'paypal-auth-algo': 'SHA1withRSA' },
      { ...headers, 'paypal-transmission-sig': 'no base64' },
      { ...headers, 'paypal-transmission-time': '2026-09-18T14:13:19Z' },
      { ...headers, 'paypal-transmission-time': '2026-09-21T14:18:21Z' },
      { ...headers, 'paypal-cert-url': 'https://api.paypal.com.evil.test/v1/notifications/certs/CERT-1' },
    ]
    for (const fields of wrong) {
      const request = requestOf(fields, body)
      expect(await ask(guard, request)).toMatchObject({ status: 401, problem: { code: 'signature-invalid' } })
      expect(request.body).not.toHaveBeenCalled()
    }
    expect(observe.mock.calls.map(([{ reason }]) => reason)).toEqual([
      'missing',
      'duplicate',
      'wrong-algorithm',
      'malformed',
      'stale',
      'future',
      'untrusted-url',
    ])
    expect(fetch).not.toHaveBeenCalled()
  })

  test('lets a delivery in once, and again after its handler has failed', async () => {
    const guard = guardWith()
    const first = await ask(guard, requestOf(headers, body))
    await first.settled?.(500)
    const second = await ask(guard, requestOf(headers, body))
    await second.settled?.(200)
    expect(await ask(guard, requestOf(headers, body))).toMatchObject({
      status: 409,
      problem: { code: 'signature-replayed' },
    })
  })

  test('takes a body that another guard has read before', async () => {
    const request = requestOf(headers, body, async () => Buffer.from(body))
    expect(await ask(guardWith(), request)).toHaveProperty('grant')
  })

  test('remembers a delivery for longer than it is accepted', async () => {
    const store = memoryStore()
    const commit = vi.spyOn(store.replay, 'commit')
    const passed = await ask(guardWith({ store }), requestOf(headers, body))
    await passed.settled?.(200)
    expect(commit.mock.calls[0]?.[2]).toBe(259_500)
    const later = signPaypal({ body, webhookId, certUrl, timestampMs: nowMs }, privateKey)
    const chosen = await ask(guardWith({ store, replayTtlSeconds: 7 }), requestOf(later, body))
    await chosen.settled?.(200)
    expect(commit.mock.calls[1]?.[2]).toBe(7)
  })
})

test('the sandbox has a host and a certificate of its own', async () => {
  const sandboxUrl = certUrl.replace('api.', 'api.sandbox.')
  const sent = signPaypal({ body, webhookId, certUrl: sandboxUrl, timestampMs: nowMs }, privateKey)
  const answers = { [sandboxUrl]: chained, [certUrl]: chained }
  expect(await host(answers).verify({ headers: sent, body })).toEqual({ isValid: false, reason: 'untrusted-url' })
  const { verify } = host(answers, { environment: 'sandbox' })
  expect(await verify({ headers: sent, body })).toMatchObject({ isValid: true })
  expect(await verify({ headers, body })).toEqual({ isValid: false, reason: 'untrusted-url' })
})
