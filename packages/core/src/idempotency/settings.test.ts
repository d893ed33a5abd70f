import { describe, expect, test } from 'vitest'
import { RigStore } from './guard-rig.js'
import type { IdempotencyOptions } from './options.js'
import { stripeStyle } from './presets.js'
import { idempotencySettings } from './settings.js'

const base: IdempotencyOptions = { store: { idempotency: new RigStore() }, scope: 'everyone' }
const settings = (options: Record<string, unknown>) =>
  idempotencySettings({ ...base, ...options } as IdempotencyOptions)

test('the defaults are those of the contract', () => {
  expect(settings({})).toMatchObject({
    required: true,
    methods: new Set(['POST', 'PATCH']),
    leaseSeconds: 30,
    maxLeaseSeconds: 900,
    ttlSeconds: 86_400,
    onAbandoned: 'reexecute',
    serverErrors: 'release',
    onSettleFailure: 'send',
    settleRetrySeconds: 60,
    onStoreError: 'refuse',
    storeTimeoutSeconds: 1,
    settleTimeoutSeconds: 2,
    maxReplyBytes: 1_048_576,
    maxBodyBytes: 1_048_576,
    bodyTimeoutSeconds: 10,
    maxBufferedBytes: 67_108_864,
    waitSeconds: 0,
    maxWaiters: 100,
    strictSyntax: false,
    fingerprint: { body: 'json', headers: [], secret: undefined },
  })
})

test.each([
  [{ wait: true }, 10],
  [{ waitSeconds: 3 }, 3],
  [{ wait: false, waitSeconds: 3 }, 0],
])('%o waits %d s', (options, waitSeconds) => {
  expect(settings(options).waitSeconds).toBe(waitSeconds)
})

test('a lease over a quarter of an hour is its own ceiling', () => {
  expect(settings({ leaseSeconds: 3600 }).maxLeaseSeconds).toBe(3600)
})

test('names of headers are folded, and an option that is undefined is absent', () => {
  expect(settings({ fingerprintHeaders: ['X-Version'], waitSeconds: undefined }).fingerprint.headers).toEqual([
    'x-version',
  ])
})

test('the preset fits', () => {
  expect(settings(stripeStyle)).toMatchObject({ required: false, serverErrors: 'store', methods: new Set(['POST']) })
})

describe('an option that does not fit is refused by name:', () => {
  test.each<[string, unknown]>([
    ['store', undefined],
    ['store', {}],
    ['store', { idempotency: { claim: () => undefined } }],
    ['scope', undefined],
    ['scope', 'tenant'],
    ['scope', ''],
    ['required', 'yes'],
    ['methods', []],
    ['methods', 'POST'],
    ['methods', ['GET']],
    ['methods', ['post']],
    ['leaseSeconds', 0],
    ['leaseSeconds', -1],
    ['leaseSeconds', Number.NaN],
    ['leaseSeconds', Number.POSITIVE_INFINITY],
    ['leaseSeconds', '30'],
    ['maxLeaseSeconds', 29],
    ['ttlSeconds', 0],
    ['onAbandoned', 'reject'],
    ['serverErrors', 'keep'],
    ['onSettleFailure', 'drop'],
    ['settleRetrySeconds', -1],
    ['onStoreError', 'open'],
    ['storeTimeoutSeconds', 0],
    ['settleTimeoutSeconds', 61],
    ['maxReplyBytes', 1.5],
    ['maxBodyBytes', -1],
    ['bodyTimeoutSeconds', 0],
    ['maxBufferedBytes', Number.NaN],
    ['wait', 1],
    ['waitSeconds', 11],
    ['waitSeconds', 0],
    ['maxWaiters', 0],
    ['strictSyntax', 'true'],
    ['maxKeyAgeSeconds', 0],
    ['maxKeyAgeSeconds', Number.NaN],
    ['fingerprint', 'body'],
    ['fingerprintHeaders', ['a b']],
    ['fingerprintHeaders', 'a'],
    ['secret', 'short'],
    ['secret', 7],
    ['problemBaseUrl', 'docs'],
    ['problemBaseUrl', 'https://a.test/>; rel="x"'],
    ['observe', {}],
    ['now', 5],
  ])('%s: %o', (name, value) => {
    expect(() => settings({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining(`"${name}" must be`) }),
    )
  })

  test('a misspelt one', () => {
    expect(() => settings({ ttl: 5 })).toThrow('there is no option "ttl"')
  })

  test('a secret is never shown', () => {
    expect(() => settings({ secret: 'canary' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    )
  })
})
