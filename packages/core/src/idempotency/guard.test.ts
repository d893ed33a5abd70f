import { describe, expect, test } from 'vitest'
import { grantLedger } from '../sequence.js'
import { Rig, read, replyOf, requestOf, type Sent } from './guard-rig.js'

const noKey = (sent: Sent = {}) => requestOf(sent)
const anonymous = { caller: null, get: () => undefined }

describe('a request that is not to be protected', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])(
    '%s with a key runs: no store call, no marker',
    async (method) => {
      const rig = new Rig()
      expect(read(await rig.send({ method }))).toMatchObject({ status: 201, headers: {} })
      expect(rig.store.calls).toEqual([])
      expect(rig.events).toEqual([])
    },
  )

  test('the field is not even looked at there', async () => {
    expect((await new Rig().send({ method: 'GET', headers: { 'idempotency-key': '' } })).status).toBe(201)
  })

  test('PUT can be switched on', async () => {
    const rig = new Rig({ methods: ['PUT'] })
    await rig.send({ method: 'PUT' })
    expect(read(await rig.send({ method: 'PUT' })).headers).toMatchObject({ 'idempotent-replayed': 'true' })
    expect(rig.runs).toBe(1)
  })

  test('a request without a key runs where none is required, and its body is not read', async () => {
    const rig = new Rig({ required: false })
    const request = noKey()
    expect(await rig.guard(request, grantLedger())).toMatchObject({
      kind: 'pass',
      grant: { isProtected: false, attempt: 0 },
    })
    expect(request.bodyReads).toBe(0)
    expect(rig.store.calls).toEqual([])
  })

  test('its grant can be used all the same', async () => {
    const rig = new Rig()
    await rig.send({ method: 'GET' }, (grant) => {
      grant.pin()
      grant.live()
      grant.secretReply()
      expect(grant.signal.aborted).toBe(false)
      expect(grant.derivedKey('mail')).toBe(grant.derivedKey('mail'))
      expect(grant.derivedKey('mail')).not.toBe(grant.derivedKey('sms'))
      return replyOf(200)
    })
  })
})

describe('a key that is missing or broken', () => {
  test('missing where it is required: 400', async () => {
    const rig = new Rig()
    const verdict = await rig.guard(noKey(), grantLedger())
    expect(verdict.kind === 'reply' && read(verdict.reply)).toMatchObject({
      status: 400,
      code: 'idempotency-key-missing',
    })
    expect(rig.events).toEqual([{ type: 'idempotency.refused', code: 'idempotency-key-missing' }])
  })

  test.each<[string, Sent]>([
    ['empty', { headers: { 'idempotency-key': '' } }],
    ['two fields', { headers: { 'idempotency-key': 'a' }, count: 2 }],
    ['two joined fields', { headers: { 'idempotency-key': 'a, a' } }],
  ])('%s: 400, on optional routes too, before the body is read', async (_, sent) => {
    const rig = new Rig({ required: false })
    const request = requestOf(sent)
    const verdict = await rig.guard(request, grantLedger())
    expect(verdict.kind === 'reply' && read(verdict.reply)).toMatchObject({
      status: 400,
      code: 'idempotency-key-invalid',
    })
    expect(request.bodyReads).toBe(0)
    expect(rig.store.calls).toEqual([])
  })

  test('a bare key where strict syntax is asked for: 400', async () => {
    expect(read(await new Rig({ strictSyntax: true }).send()).code).toBe('idempotency-key-invalid')
  })

  test('a provably old key: 400; a fresh one and one of unknown age pass', async () => {
    const uuid = '017f22e2-79b0-7cc3-98c4-dc0c0c07398f'
    const made = 1_645_557_742_000
    const at = (ms: number) => new Rig({ maxKeyAgeSeconds: 60, now: () => made + ms })
    const headers = { 'idempotency-key': uuid }
    expect(read(await at(60_001).send({ headers })).code).toBe('idempotency-key-expired')
    expect((await at(60_000).send({ headers })).status).toBe(201)
    expect((await at(-60_000).send({ headers })).status).toBe(201)
    expect((await at(60_001).send()).status).toBe(201)
  })

  test('a problem base URL makes types of codes, and a link', async () => {
    const reply = read(
      await new Rig({ problemBaseUrl: 'https://docs.test/p/' }).send({ headers: { 'idempotency-key': '' } }),
    )
    expect(JSON.parse(reply.body)).toMatchObject({
      type: 'https://docs.test/p/idempotency-key-invalid',
      retryable: false,
    })
    expect(reply.headers).toMatchObject({ link: '<https://docs.test/p/idempotency-key-invalid>; rel="describedby"' })
  })
})

describe('the body', () => {
  test.each([
    ['too-large', 413, 'request-too-large'],
    ['timeout', 408, 'request-timeout'],
    ['aborted', 408, 'request-timeout'],
    ['busy', 503, 'idempotency-store-unavailable'],
  ] as const)('%s: %d, and the key is not consumed', async (body, status, code) => {
    const rig = new Rig()
    expect(read(await rig.send({ body }))).toMatchObject({ status, code })
    expect(rig.store.calls).toEqual([])
    expect((await rig.send()).status).toBe(201)
  })

  test('an error that is no fault of the body is not swallowed', async () => {
    const rig = new Rig()
    const request = {
      ...requestOf({ headers: { 'idempotency-key': 'k' } }),
      body: () => Promise.reject(new TypeError('x')),
    }
    await expect(rig.guard(request, grantLedger())).rejects.toThrow(TypeError)
  })
})

describe('the scope', () => {
  test('without a guard that finds the caller: a configuration error, also without a key', async () => {
    const rig = new Rig({ scope: 'caller' })
    await expect(rig.send()).rejects.toMatchObject({ code: 'no-caller' })
    expect(() => rig.guard(noKey(), grantLedger())).toThrow(/mounted before/)
  })

  test('where a guard looked and found nobody: 401 with a challenge', async () => {
    const reply = read(await new Rig({ scope: 'caller' }).send({ caller: null }))
    expect(reply).toMatchObject({ status: 401, code: 'api-key-missing' })
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="api"')
  })

  test('nobody without a key passes where none is required: nothing is shared', async () => {
    const rig = new Rig({ scope: 'caller', required: false })
    expect(await rig.guard(noKey(), anonymous)).toMatchObject({ kind: 'pass' })
  })

  test('keeps callers apart: the same key runs for each, and each gets its own reply', async () => {
    const rig = new Rig({ scope: 'caller' })
    for (const caller of ['a', 'b', '__proto__']) {
      await rig.send({ caller }, () => replyOf(201, [], caller))
      expect(read(await rig.send({ caller })).body).toBe(caller)
    }
    expect(rig.runs).toBe(3)
  })

  test('a function decides', async () => {
    const rig = new Rig({ scope: async (request) => request.headers.get('x-tenant') ?? undefined })
    await rig.send({ headers: { 'x-tenant': 'a' } })
    await rig.send({ headers: { 'x-tenant': 'b' } })
    await rig.send({ headers: { 'x-tenant': 'a' } })
    expect(rig.runs).toBe(2)
  })

  test.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['a number', 7],
  ])('a function that answers %s is refused, never shared', async (_, answer) => {
    const rig = new Rig({ scope: () => answer as string })
    await expect(rig.send()).rejects.toMatchObject({ code: 'no-caller' })
    expect(rig.store.calls).toEqual([])
  })

  test('a guard inside a guard that has claimed is a configuration error', async () => {
    const rig = new Rig()
    const prior = grantLedger()
    const request = requestOf({ headers: { 'idempotency-key': 'k' } })
    const first = await rig.guard(request, prior)
    if (first.kind === 'pass') prior.add('idempotency', first)
    expect(() => rig.guard(request, prior)).toThrow(expect.objectContaining({ code: 'mounted-twice' }))
  })
})
