import {
  BodyError,
  type BodyFault,
  ConfigurationError,
  type GuardRequest,
  grantLedger,
  type MessageHeaders,
  memoryStore,
} from '@latchkey/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type HttpSignatureGrant, httpSignature } from './guard.js'
import type { HttpSignatureEvent } from './guard-event.js'
import type { HttpSignatureOptions } from './guard-options.js'
import { signingKey, verificationKey } from './key.js'
import { mailChannels } from './mailchannels.js'
import { body, created, digest, joined, key, policy, secret, signedBy } from './message-rig.js'
import { signRequest } from './sign.js'

const options = { keys: key, policy, replay: false, now: () => created * 1000 } as const

function requestWith(fields: MessageHeaders, sent = body, read?: GuardRequest['body']): GuardRequest {
  const lines = new Map(Object.entries({ 'content-digest': digest, 'x-a': '1', ...fields }))
  const linesOf = (name: string) => [lines.get(name) ?? []].flat()
  return {
    method: 'POST',
    url: 'http://10.0.0.1/hooks',
    headers: {
      get: (name) => (linesOf(name).length === 0 ? null : linesOf(name).join(', ')),
      count: (name) => linesOf(name).length,
    },
    remoteAddress: undefined,
    body: vi.fn(
      read ??
        (async ({ onChunk }) => {
          for (const piece of sent) onChunk?.(Buffer.from(piece))
          return Buffer.from(sent)
        }),
    ),
  }
}

async function ask(given: HttpSignatureOptions, request: GuardRequest, prior = grantLedger()) {
  const verdict = await httpSignature(given)(request, prior)
  if (verdict.kind === 'pass') return { grant: verdict.grant, settled: verdict.settled }
  const { status, headers, body: bytes } = verdict.reply
  return { status, headers: Object.fromEntries(headers), problem: JSON.parse(Buffer.from(bytes).toString()) }
}

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
  expect(await ask(observed, requestWith(fields))).toEqual({ grant: { scheme: 'rfc9421', id: undefined, signatures } })
  expect(events).toEqual([{ scheme: 'rfc9421', type: 'signature.verified', signatures }])
})

describe('a refusal', () => {
  test('says the same whatever the reason is, which the observer is told', async () => {
    const events: HttpSignatureEvent[] = []
    const given = { ...options, observe: (event: HttpSignatureEvent) => events.push(event) }
    const bad = [
      requestWith({}),
      requestWith(signedBy({ secret: 'another' })),
      requestWith(signedBy({ parameters: ';created=1' })),
      requestWith(signedBy(), 'another body'),
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
    const forged = requestWith(signedBy({ secret: 'another' }))
    await ask(options, forged)
    expect(forged.body).not.toHaveBeenCalled()
    const unsigned = requestWith(signedBy({ components: ['"@method"'] }))
    expect(await ask({ ...options, policy: { ...policy, required: [] } }, unsigned)).toHaveProperty('grant')
    expect(unsigned.body).not.toHaveBeenCalled()
  })

  test.each<[BodyFault, number, string]>([
    ['too-large', 413, 'request-too-large'],
    ['timeout', 408, 'request-timeout'],
    ['aborted', 408, 'request-timeout'],
    ['busy', 503, 'signature-unavailable'],
  ])('of a body that is %s is %i', async (fault, status, code) => {
    const request = requestWith(signedBy(), body, () => Promise.reject(new BodyError(fault)))
    expect(await ask(options, request)).toMatchObject({ status, problem: { code } })
  })

  test('is no answer to a misuse: that is an error', async () => {
    const misuse = new ConfigurationError('body-already-read', 'a parser stands before the guard')
    const request = requestWith(signedBy(), body, () => Promise.reject(misuse))
    await expect(ask(options, request)).rejects.toBe(misuse)
  })
})

test('a body that another guard has read before is the same body', async () => {
  const request = requestWith(signedBy(), body, async () => Buffer.from(body))
  expect(await ask(options, request)).toHaveProperty('grant')
})

describe('keys that cannot be had', () => {
  test('are 503, told to the observer', async () => {
    const error = new Error('the directory is down')
    const observe = vi.fn()
    const keys = () => {
      throw error
    }
    const answer = await ask({ ...options, keys, observe }, requestWith(signedBy()))
    expect(answer).toMatchObject({ status: 503, problem: { code: 'signature-unavailable' } })
    expect(observe).toHaveBeenCalledWith({ scheme: 'rfc9421', type: 'signature.secrets_failed', error })
    const rejecting = { ...options, keys: () => Promise.reject(error) }
    expect(await ask(rejecting, requestWith(signedBy()))).toMatchObject({ status: 503 })
  })

  test('are 503 where they come too late', async () => {
    vi.useFakeTimers()
    const answer = ask({ ...options, keys: () => new Promise(() => {}) }, requestWith(signedBy()))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await answer).toMatchObject({ status: 503 })
  })

  test('are 401 where there are none', async () => {
    expect(await ask({ ...options, keys: () => null }, requestWith(signedBy()))).toMatchObject({ status: 401 })
  })
})

describe('the replay window', () => {
  const windowed = () => ({ keys: key, policy, store: memoryStore(), now: () => created * 1000 })

  test('knows a message by what is signed', async () => {
    const given = windowed()
    const first = await ask(given, requestWith(signedBy()))
    expect(await ask(given, requestWith(signedBy()))).toMatchObject({ status: 409, problem: { retryable: true } })
    await first.settled?.(200)
    expect(await ask(given, requestWith(signedBy({ label: 'renamed' })))).toMatchObject({
      status: 409,
      problem: { code: 'signature-replayed', retryable: false },
    })
    const later = signedBy({ parameters: `;created=${created + 1}` })
    expect(await ask(given, requestWith(later))).toHaveProperty('grant')
  })

  test('lets the retry of a failed one in', async () => {
    const given = windowed()
    for (const outcome of [500, 'abandoned', 404] as const) {
      const { settled } = await ask(given, requestWith(signedBy()))
      await settled?.(outcome)
    }
    expect(await ask(given, requestWith(signedBy()))).toHaveProperty('grant')
  })

  test('knows it by its nonce where the policy requires one, and hands that out as its id', async () => {
    const given = { ...windowed(), policy: { ...policy, nonce: 'required' } as const }
    const signed = (at: number, nonce: string) => signedBy({ parameters: `;created=${at};nonce="${nonce}"` })
    const first = await ask(given, requestWith(signed(created, 'n1')))
    expect(first.grant?.id).toBe('n1')
    await first.settled?.(200)
    expect(await ask(given, requestWith(signed(created + 1, 'n1')))).toMatchObject({ status: 409 })
    expect(await ask(given, requestWith(signed(created, 'n2')))).toHaveProperty('grant')
  })

  test('keeps signers apart, whatever nonces they choose', async () => {
    const store = memoryStore()
    const nonced = { ...policy, nonce: 'required' } as const
    const parameters = `;created=${created};nonce="n"`
    for (const signingSecret of [secret, 'of somebody else']) {
      const keys = verificationKey({ algorithm: 'hmac-sha256', key: signingSecret })
      const request = requestWith(signedBy({ parameters, secret: signingSecret }))
      expect(await ask({ keys, policy: nonced, store, now: () => created * 1000 }, request)).toHaveProperty('grant')
    }
  })

  test('takes each of several signatures, or none', async () => {
    const given = windowed()
    const [one, two] = [signedBy(), signedBy({ label: 'two', parameters: `;created=${created - 1}` })]
    const alone = await ask(given, requestWith(two))
    expect(await ask(given, requestWith(joined(one, two)))).toMatchObject({ status: 409 })
    await alone.settled?.(200)
    const first = await ask(given, requestWith(one))
    expect(first).toHaveProperty('grant')
    await first.settled?.(500)
  })

  test('is settled for each of several signatures', async () => {
    const given = windowed()
    const [one, two] = [signedBy(), signedBy({ label: 'two', parameters: `;created=${created - 1}` })]
    const both = await ask(given, requestWith(joined(one, two)))
    await both.settled?.(204)
    for (const stripped of [one, two]) {
      expect(await ask(given, requestWith(stripped))).toMatchObject({ status: 409, problem: { retryable: false } })
    }
  })

  test('is there unless it is switched off in words', () => {
    expect(() => httpSignature({ keys: key, policy })).toThrow(/"store" must be given/)
  })

  test('refuses a second mount on the same request by name', async () => {
    const given = windowed()
    const { grant } = await ask({ ...given, store: memoryStore() }, requestWith(signedBy()))
    const prior = grantLedger()
    prior.add('signature', { kind: 'pass', grant: grant as HttpSignatureGrant })
    await expect(ask(given, requestWith(signedBy()), prior)).rejects.toThrow(/guards this request twice/)
    const other = requestWith(signedBy({ label: 'another' }))
    expect(await ask(given, other, prior)).toHaveProperty('grant')
  })
})

test('behind a proxy the origin is the one that was configured, the path and query those that came', async () => {
  const signing = signingKey({ algorithm: 'hmac-sha256', key: secret })
  const url = 'https://api.example.com/hooks'
  const sent = { method: 'POST', url, headers: {}, body }
  const components = ['@method', '@target-uri', 'content-digest']
  const { headers } = await signRequest(sent, { key: signing, components, nowMs: created * 1000 })
  const given = { ...options, policy: { ...policy, required: components } }
  expect(await ask(given, requestWith(headers))).toMatchObject({ status: 401 })
  expect(await ask({ ...given, publicOrigin: 'https://api.example.com' }, requestWith(headers))).toHaveProperty('grant')
  expect(await ask({ ...given, publicOrigin: 'https://other.example.com' }, requestWith(headers))).toMatchObject({
    status: 401,
  })
})

test('lines that the host has joined cannot be wrapped one by one', async () => {
  const fields = signedBy({ components: ['"@method"', '"content-digest"', '"x-a";bs'] })
  expect(await ask(options, requestWith({ ...fields, 'x-a': ['1', '2'] }))).toMatchObject({ status: 401 })
})

test.each<[string, object]>([
  ['keys', { keys: undefined }],
  ['keys', { keys: 'secret' }],
  ['policy', { policy: undefined }],
  ['required', { policy: { ...policy, required: undefined } }],
  ['required', { policy: { ...policy, required: '@method' } }],
  ['required', { policy: { ...policy, required: ['Content-Digest'] } }],
  ['required', { policy: { ...policy, required: ['@method', '@method'] } }],
  ['required', { policy: { ...policy, required: ['@method;req'] } }],
  ['required', { policy: { ...policy, required: ['expires;tr'] } }],
  ['maxAgeSeconds', { policy: { ...policy, maxAgeSeconds: undefined } }],
  ['maxAgeSeconds', { policy: { ...policy, maxAgeSeconds: -1 } }],
  ['algorithms', { policy: { ...policy, algorithms: undefined } }],
  ['algorithms', { policy: { ...policy, algorithms: [] } }],
  ['algorithms', { policy: { ...policy, algorithms: ['rsa-sha1'] } }],
  ['labels', { policy: { ...policy, labels: [] } }],
  ['labels', { policy: { ...policy, labels: ['Sig1'] } }],
  ['tag', { policy: { ...policy, tag: '' } }],
  ['mode', { policy: { ...policy, mode: 'some' } }],
  ['nonce', { policy: { ...policy, nonce: true } }],
  ['maxAge', { policy: { ...policy, maxAge: 1 } }],
  ['publicOrigin', { publicOrigin: 'https://api.example.com/hooks' }],
  ['publicOrigin', { publicOrigin: 'api.example.com' }],
  ['fieldTypes', { fieldTypes: { a: 'map' } }],
  ['toleranceSeconds', { toleranceSeconds: 5 }],
])('an impossible %s is refused at construction: %j', (name, changed) => {
  expect(() => httpSignature({ ...options, ...changed } as HttpSignatureOptions)).toThrow(ConfigurationError)
  expect(() => httpSignature({ ...options, ...changed } as HttpSignatureOptions)).toThrow(new RegExp(name))
})

test('what MailChannels sends is let in by its policy: the digest alone, signed with Ed25519', async () => {
  const signing = { kty: 'OKP', crv: 'Ed25519', d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU' }
  const x = 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs'
  const sender = signingKey({ algorithm: 'ed25519', key: { ...signing, x }, keyid: 'mckey' })
  const sent = { method: 'POST', url: 'https://anywhere.test/', headers: {}, body }
  const components = ['content-digest']
  const { headers } = await signRequest(sent, { key: sender, components, namesAlgorithm: true, nowMs: created * 1000 })
  const keys = new Map([
    ['mckey', verificationKey({ algorithm: 'ed25519', key: Buffer.from(x, 'base64url'), keyid: 'mckey' })],
  ])
  expect(await ask({ ...options, keys, policy: mailChannels }, requestWith(headers))).toHaveProperty('grant')
  expect(await ask({ ...options, keys, policy: mailChannels }, requestWith(headers, '{}'))).toMatchObject({
    status: 401,
  })
})
