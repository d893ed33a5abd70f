import { afterEach, describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { BodyError, type BodyFault, type BodyOptions, type GuardRequest } from '../guard.js'
import { grantLedger } from '../sequence.js'
import { memoryStore } from '../stores/memory.js'
import { messageHeaders } from './message-headers.js'
import { defineScheme } from './scheme-model/define-scheme.js'
import { github } from './schemes/github.js'
import { standardWebhooks } from './schemes/standard-webhooks.js'
import { staticHeader } from './schemes/static-header.js'
import { sign } from './sign.js'
import { signature } from './signature.js'
import type { SignatureEvent } from './signature-event.js'
import type { SignatureOptions } from './signature-options.js'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const nowMs = 1_700_000_000_000
const scheme = standardWebhooks({ secrets: [secret] })
const once = { scheme, replay: false, now: () => nowMs } as const

type Read = (options: BodyOptions) => Promise<Uint8Array>

const inPieces =
  (text: string): Read =>
  async ({ onChunk }) => {
    for (const piece of text) onChunk?.(Buffer.from(piece))
    return Buffer.from(text)
  }

function delivery(body: string, headers: Record<string, string>, read: Read = inPieces(body)): GuardRequest {
  const url = 'http://localhost/hooks'
  return { method: 'POST', url, headers: messageHeaders(headers), remoteAddress: undefined, body: vi.fn(read) }
}

const signed = (body = '{}', timestampMs = nowMs) => sign(standardWebhooks, { id: 'msg_1', body, timestampMs }, secret)

async function ask(options: SignatureOptions, request: GuardRequest) {
  const verdict = await signature(options)(request, grantLedger())
  if (verdict.kind === 'pass') return { grant: verdict.grant }
  const { status, headers, body } = verdict.reply
  return { status, headers: Object.fromEntries(headers), problem: JSON.parse(Buffer.from(body).toString()) }
}

afterEach(() => vi.useRealTimers())

test('a genuine message passes, and the handler learns what it may trust', async () => {
  const events: SignatureEvent[] = []
  const request = delivery('{"a":1}', signed('{"a":1}'))
  expect(await ask({ ...once, observe: (event) => events.push(event) }, request)).toEqual({
    grant: { scheme: 'standard-webhooks', id: 'msg_1', isIdSigned: true, signedAtMs: nowMs, secretIndex: 0 },
  })
  expect(events).toEqual([{ scheme: 'standard-webhooks', type: 'signature.verified', id: 'msg_1', secretIndex: 0 }])
})

test('a body that another guard has read before is the same body', async () => {
  const read: Read = async () => Buffer.from('{}')
  expect(await ask(once, delivery('{}', signed(), read))).toHaveProperty('grant')
  const firstByteOnly: Read = async ({ onChunk }) => {
    onChunk?.(Buffer.from('{'))
    return Buffer.from('{}')
  }
  expect(await ask(once, delivery('{}', signed(), firstByteOnly))).toHaveProperty('grant')
})

describe('before the body is read', () => {
  test.each<[string, Record<string, string>]>([
    ['a missing field', {}],
    ['a malformed signature', { ...signed(), 'webhook-signature': 'v1,short' }],
    ['a malformed id', { ...signed(), 'webhook-id': 'a.b' }],
    ['a stale time', signed('{}', nowMs - 301_000)],
    ['a time in the future', signed('{}', nowMs + 301_000)],
    [
      'a version that no secret knows',
      { ...signed(), 'webhook-signature': `v1a,${Buffer.alloc(64).toString('base64')}` },
    ],
  ])('%s is refused', async (_, headers) => {
    const request = delivery('{}', headers)
    expect(await ask(once, request)).toMatchObject({ status: 401 })
    expect(request.body).not.toHaveBeenCalled()
  })
})

test('whatever is wrong, the answer is the same byte for byte, and the reason is the observer’s alone', async () => {
  const events: SignatureEvent[] = []
  const guard = signature({ ...once, observe: (event) => events.push(event) })
  const attempts = [
    delivery('{}', {}),
    delivery('{}', { ...signed(), 'webhook-signature': 'v1,short' }),
    delivery('{}', signed('{}', nowMs - 301_000)),
    delivery('{"a":1}', signed()),
  ]
  const verdicts = await Promise.all(attempts.map((request) => guard(request, grantLedger())))
  expect(verdicts[0]).toMatchObject({ kind: 'reply', reply: { status: 401 } })
  for (const verdict of verdicts) expect(verdict).toEqual(verdicts[0])
  const reasons = events.map((event) => (event.type === 'signature.refused' ? event.reason : event.type))
  expect(reasons.sort()).toEqual(['malformed', 'mismatch', 'missing', 'stale'])
})

test('the refusal is a problem of its own code', async () => {
  expect(await ask({ ...once, problemBaseUrl: 'https://docs.test/' }, delivery('{}', {}))).toEqual({
    status: 401,
    headers: expect.objectContaining({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' }),
    problem: {
      type: 'https://docs.test/signature-invalid',
      title: 'The signature is not valid',
      status: 401,
      detail: 'The request does not carry a valid signature.',
      code: 'signature-invalid',
      retryable: false,
    },
  })
})

describe('a body that cannot be had', () => {
  test.each<[BodyFault, number, string]>([
    ['too-large', 413, 'request-too-large'],
    ['timeout', 408, 'request-timeout'],
    ['busy', 503, 'signature-unavailable'],
    ['aborted', 408, 'request-timeout'],
  ])('%s is answered %i %s', async (fault, status, code) => {
    const request = delivery('{}', signed(), () => Promise.reject(new BodyError(fault)))
    expect(await ask(once, request)).toMatchObject({ status, problem: { code } })
  })

  test('because something read it before is the fault of the setup, and no refusal', async () => {
    const mistake = new ConfigurationError('body-already-read', 'mount the guard before the parser')
    const request = delivery('{}', signed(), () => Promise.reject(mistake))
    await expect(ask(once, request)).rejects.toBe(mistake)
  })

  test('is asked for within the bounds that are set', async () => {
    const bounds = { maxBodyBytes: 5, bodyTimeoutSeconds: 7, maxBufferedBytes: 9 }
    const request = delivery('{}', signed())
    await ask({ ...once, ...bounds }, request)
    expect(request.body).toHaveBeenCalledWith(
      expect.objectContaining({ maxBytes: 5, timeoutSeconds: 7, maxBufferedBytes: 9 }),
    )
  })
})

describe('secrets that are found per request', () => {
  const perRequest = (secrets: () => Promise<string[]>) => ({ ...once, scheme: standardWebhooks({ secrets }) })

  test('fail closed, before the body is read', async () => {
    const events: SignatureEvent[] = []
    const error = new Error('the vault is sealed')
    const request = delivery('{}', signed())
    const options = {
      ...perRequest(() => Promise.reject(error)),
      observe: (event: SignatureEvent) => events.push(event),
    }
    const answer = await ask(options, request)
    expect(answer).toMatchObject({ status: 503, problem: { code: 'signature-unavailable', retryable: true } })
    expect(JSON.stringify(answer)).not.toContain('vault')
    expect(events).toEqual([{ scheme: 'standard-webhooks', type: 'signature.secrets_failed', error }])
    expect(request.body).not.toHaveBeenCalled()
  })

  test('fail closed when they take too long', async () => {
    vi.useFakeTimers()
    const asked = ask(
      perRequest(() => new Promise(() => {})),
      delivery('{}', signed()),
    )
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await asked).toMatchObject({ status: 503 })
  })

  test('are not asked for where the head is wrong already', async () => {
    const secrets = vi.fn(async () => [secret])
    await ask(perRequest(secrets), delivery('{}', {}))
    expect(secrets).not.toHaveBeenCalled()
  })
})

test('behind a static secret the body is left alone, and no store is asked for', async () => {
  const scheme = staticHeader({ header: 'X-Token', secrets: ['tok'] })
  const request = delivery('{}', { 'x-token': 'tok' })
  expect(await ask({ scheme }, request)).toMatchObject({ grant: { scheme: 'static-token' } })
  expect(request.body).not.toHaveBeenCalled()
})

test('a scheme that signs the URL verifies the one that the sender was given', async () => {
  const square = defineScheme({
    name: 'square',
    carriers: [
      { signature: 'x-sig', syntax: { form: 'bare' }, variants: [{ algorithm: 'hmac-sha256', encoding: 'base64' }] },
    ],
    content: ['url', 'body'],
    secrets: [{ encoding: 'utf8', kind: 'hmac' }],
  })
  const publicUrl = 'https://hooks.example.com/square'
  const options = { scheme: square({ secrets: ['s'] }), replay: false } as const
  const request = delivery('{}', sign(square, { body: '{}', url: publicUrl }, 's'))
  expect(() => signature(options)).toThrow(/"publicUrl" must be the URL that the sender was given/)
  expect(await ask({ ...options, publicUrl }, request)).toHaveProperty('grant')
  const byPath = ({ url }: { url: string }) => `https://hooks.example.com${new URL(url).pathname}`
  expect(await ask({ ...options, publicUrl: byPath }, request)).toMatchObject({ status: 401 })
})

describe('options that cannot be are refused at construction', () => {
  test.each<[string, object, RegExp]>([
    ['neither a store nor a word', { scheme }, /"store" must be given.*memoryStore\(\).*"replay: false"/s],
    ['a store without a replay part', { scheme, store: {} }, /"store" must be a store/],
    ['replay: true', { scheme, replay: true }, /"replay" must be false/],
    ['no scheme', { replay: false }, /"scheme" must be a preset/],
    ['a preset without its secrets', { ...once, scheme: github }, /"scheme" must be a preset/],
    ['a word that is no option', { ...once, secrets: ['a'] }, /no option "secrets"/],
    ['a body limit of nothing', { ...once, maxBodyBytes: -1 }, /"maxBodyBytes" must be/],
    ['a tolerance below nothing', { ...once, toleranceSeconds: -1 }, /"toleranceSeconds" must be/],
    ['a tolerance that is no number', { ...once, toleranceSeconds: Number.NaN }, /"toleranceSeconds" must be/],
    ['a lease that never lasts', { ...once, replayLeaseSeconds: 0 }, /"replayLeaseSeconds" must be/],
    ['another answer', { ...once, onReplay: 'ignore' }, /"onReplay" must be one of/],
    ['a clock that is none', { ...once, now: 7 }, /"now" must be a function/],
  ])('%s', (_, options, message) => {
    expect(() => signature(options as SignatureOptions)).toThrow(ConfigurationError)
    expect(() => signature(options as SignatureOptions)).toThrow(message)
  })
})

test('the same scheme twice on one request is the fault of the setup', async () => {
  const guard = signature({ scheme, store: memoryStore(), now: () => nowMs })
  const ledger = grantLedger()
  const verdict = await guard(delivery('{}', signed()), ledger)
  if (verdict.kind === 'pass') ledger.add('signature', verdict)
  await expect(guard(delivery('{}', signed()), ledger)).rejects.toThrow(/guards this request twice/)
})
