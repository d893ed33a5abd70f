import { describe, expect, test } from 'vitest'
import { StoreError } from '../../errors.js'
import { CheckRig } from '../verification/check-rig.test.kit.js'

const perMinute = (limit: number) => ({ limit, windowSeconds: 60 })

describe('a rate limit', () => {
  test('lets so many requests through in a window, and tells each how many are left', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ rateLimit: perMinute(2) })
    expect(await rig.fields(key)).toMatchObject({ ratelimit: '"rate";r=1;t=60', 'ratelimit-policy': '"rate";q=2;w=60' })
    rig.advance(10.5)
    expect(await rig.fields(key)).toMatchObject({ ratelimit: '"rate";r=0;t=50' })
    const { status, code, fields, text } = await rig.refused(key)
    expect([status, code, JSON.parse(text).retryable]).toEqual([429, 'api-key-rate-limited', true])
    expect(fields).toEqual({
      'cache-control': 'no-store',
      'content-length': String(text.length),
      'content-type': 'application/problem+json',
      ratelimit: '"rate";r=0;t=50',
      'ratelimit-policy': '"rate";q=2;w=60',
      'retry-after': '50',
    })
    expect(Object.keys(fields)).toEqual(Object.keys(fields).toSorted())
    rig.advance(49.5)
    expect(await rig.outcome(key)).toBe('ok')
  })

  test('says when to come back no earlier than the window’s end', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ rateLimit: { limit: 1, windowSeconds: 2 } })
    await rig.ask(key)
    for (const [passed, left] of [
      [0.001, '2'],
      [0.999, '1'],
      [0.999, '1'],
    ] as const) {
      rig.advance(passed)
      expect((await rig.refused(key)).fields['retry-after']).toBe(left)
    }
  })

  test('never refuses traffic at exactly its rate', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ rateLimit: { limit: 10, windowSeconds: 1 } })
    const outcomes = new Set<string>()
    for (let request = 0; request < 500; request++) {
      outcomes.add(await rig.outcome(key))
      rig.advance(0.1)
    }
    expect([...outcomes]).toEqual(['ok'])
  })

  test('counts what lacks a scope, and nothing that is refused before it', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ rateLimit: perMinute(2), allowedIps: ['192.0.2.1'] })
    expect(await rig.outcome(key, { remoteAddress: '192.0.2.2' })).toBe('api-key-ip-not-allowed')
    expect(await rig.outcome(key, {}, { environment: 'test' })).toBe('api-key-environment-mismatch')
    const lacking = await rig.refused(key, {}, { scopes: ['payments:write'] })
    expect(lacking).toMatchObject({ status: 403, fields: { ratelimit: '"rate";r=1;t=60' } })
    expect(lacking.fields['retry-after']).toBeUndefined()
    expect(await rig.outcome(key)).toBe('ok')
    expect(await rig.outcome(key, {}, { scopes: ['payments:write'] })).toBe('api-key-rate-limited')
  })

  test('is of the key alone, and of its successor', async () => {
    const rig = new CheckRig()
    const one = await rig.issue({ rateLimit: perMinute(1) })
    const other = await rig.issue({ rateLimit: perMinute(1) })
    expect(await rig.outcome(one.key)).toBe('ok')
    expect(await rig.outcome(other.key)).toBe('ok')
    const successor = await rig.keys.rotate(one.info.id)
    expect(await rig.outcome(successor.key)).toBe('api-key-rate-limited')
  })

  test('holds under requests at once', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ rateLimit: perMinute(7) })
    const open = rig.hold('count')
    const outcomes = Array.from({ length: 50 }, () => rig.outcome(key))
    open()
    const codes = await Promise.all(outcomes)
    expect(codes.filter((code) => code === 'ok')).toHaveLength(7)
    expect(codes.filter((code) => code === 'api-key-rate-limited')).toHaveLength(43)
  })

  test('is not set where the store cannot count, and denies where it then is', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ rateLimit: perMinute(1) })
    const keys = rig.process({ store: { keys: rig.memory } })
    await expect(keys.issue({ ownerId: 'o', rateLimit: perMinute(1) })).rejects.toThrow(/"store" must have/)
    expect(await rig.refused(key, {}, { keys })).toMatchObject({ status: 503 })
  })
})

describe('a quota', () => {
  test('lets N requests at once spend exactly what is left', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ quota: { remaining: 5 } })
    const open = rig.hold('spend')
    const outcomes = Array.from({ length: 100 }, () => rig.outcome(key))
    open()
    const codes = await Promise.all(outcomes)
    expect(codes.filter((code) => code === 'ok')).toHaveLength(5)
    expect(codes.filter((code) => code === 'api-key-quota-exceeded')).toHaveLength(95)
  })

  test('that is used up for good says so: there is nothing to wait for', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ quota: { remaining: 1 } })
    expect(await rig.fields(key)).toMatchObject({ ratelimit: '"quota";r=0' })
    const { status, code, fields, text } = await rig.refused(key)
    expect([status, code, JSON.parse(text).retryable]).toEqual([429, 'api-key-quota-exceeded', false])
    expect(fields.ratelimit).toBe('"quota";r=0')
    expect([fields['retry-after'], fields['ratelimit-policy']]).toEqual([undefined, undefined])
  })

  test('that will be refilled says when', async () => {
    const rig = new CheckRig()
    const refill = { amount: 2, everySeconds: 100 }
    const { key } = await rig.issue({ quota: { remaining: 1, refill }, rateLimit: perMinute(9) })
    rig.advance(30.5)
    expect(await rig.fields(key)).toMatchObject({
      ratelimit: '"rate";r=8;t=60, "quota";r=0;t=70',
      'ratelimit-policy': '"rate";q=9;w=60, "quota";q=2;w=100',
    })
    const { fields, text } = await rig.refused(key)
    expect([fields['retry-after'], JSON.parse(text).retryable]).toEqual(['70', true])
    rig.advance(69.5)
    expect(await rig.fields(key)).toMatchObject({ ratelimit: '"rate";r=8;t=60, "quota";r=1;t=100' })
  })

  test('is not spent by what is denied', async () => {
    const rig = new CheckRig()
    const { key, info } = await rig.issue({
      quota: { remaining: 3 },
      rateLimit: perMinute(2),
      allowedIps: ['192.0.2.1'],
    })
    await rig.ask(key, { remoteAddress: undefined })
    await rig.ask(key, {}, { environment: 'test' })
    await rig.ask(key, {}, { scopes: ['payments:write'] })
    await rig.ask(key, {}, { scopes: ['payments:write'] })
    expect(await rig.outcome(key)).toBe('api-key-rate-limited')
    expect((await rig.keys.get(info.id))?.quota?.remaining).toBe(3)
  })

  test('is told as the store has it, not as the record had it', async () => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ quota: { remaining: 3 } })
    const open = rig.hold('spend')
    const passes = [rig.fields(key), rig.fields(key)]
    open()
    const left = (await Promise.all(passes)).map(({ ratelimit }) => ratelimit)
    expect(left).toEqual(['"quota";r=2', '"quota";r=1'])
  })
})

describe('a store that is down', () => {
  test.each(['find', 'count', 'spend'] as const)(
    'at %s is 503 with Retry-After, and nobody is let in',
    async (method) => {
      const rig = new CheckRig()
      const { key } = await rig.issue({ rateLimit: perMinute(9), quota: { remaining: 9 } })
      rig.fail(method)
      expect(await rig.refused(key)).toMatchObject({
        status: 503,
        code: 'api-key-store-unavailable',
        fields: { 'retry-after': '1' },
      })
      expect(rig.told[0]).toMatchObject({ type: 'api-key.store_failed' })
      rig.fail(method, false)
      expect(await rig.outcome(key)).toBe('ok')
    },
  )

  test.each(['find', 'count', 'spend'] as const)(
    'or silent at %s is 503 in time, and nothing is spent later',
    async (method) => {
      const rig = new CheckRig({ storeTimeoutSeconds: 0.02 })
      const { key, info } = await rig.issue({ rateLimit: perMinute(9), quota: { remaining: 9 } })
      const open = rig.hold(method)
      expect(await rig.refused(key)).toMatchObject({ status: 503, code: 'api-key-store-unavailable' })
      open()
      await new Promise(setImmediate)
      if (method !== 'spend') expect((await rig.keys.get(info.id))?.quota?.remaining).toBe(9)
      if (method === 'find') expect(rig.count('count')).toBe(0)
    },
  )

  test.each([
    ['count', undefined],
    ['count', {}],
    ['count', { isAllowed: true, remaining: 1, resetMs: Number.NaN }],
    ['count', { isAllowed: true, remaining: -1, resetMs: 1 }],
    ['spend', undefined],
    ['spend', { outcome: 'ok' }],
    ['spend', { outcome: 'ok', remaining: 0.5, refillAtMs: null }],
  ])('or answers %s with %j is a broken store', async (method, answer) => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ rateLimit: perMinute(9), quota: { remaining: 9 } })
    Object.assign(method === 'count' ? rig.rates : rig.memory, { [method]: () => answer })
    expect(await rig.refused(key)).toMatchObject({ status: 503 })
    expect(rig.told[0]).toMatchObject({ error: expect.any(StoreError) })
  })

  test.each([
    ['count', { isAllowed: 1, remaining: 1, resetMs: 1 }, 'api-key-rate-limited'],
    ['spend', { outcome: 'okay', remaining: 1, refillAtMs: null }, 'api-key-quota-exceeded'],
  ])('or answers %s with what is almost a yes lets nobody in', async (method, answer, code) => {
    const rig = new CheckRig()
    const { key } = await rig.issue({ rateLimit: perMinute(9), quota: { remaining: 9 } })
    Object.assign(method === 'count' ? rig.rates : rig.memory, { [method]: () => answer })
    expect(await rig.outcome(key)).toBe(code)
  })
})
