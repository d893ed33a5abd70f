import { describe, expect, expectTypeOf, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import type { Guard } from '../guard.js'
import { memoryStore } from '../stores/memory.js'
import { type ApiKeys, apiKeys } from './api-keys.js'
import { apiKey } from './guard.js'
import type { ApiKeyOptions } from './guard-options.js'
import type { ApiKeyGrant } from './verification/verification.js'

const store = memoryStore()
const keys = apiKeys({ store, prefix: 'acme' })

describe('options that stop the start', () => {
  test.each<[string, Record<string, unknown>]>([
    ['no keys', { keys: undefined }],
    ['the store in place of the keys', { keys: store }],
    ['an environment that there is not', { environment: 'prod' }],
    ['no environment at all', { environment: [] }],
    ['a required scope with *', { scopes: ['payments:*'] }],
    ['a required scope that is none', { scopes: ['Payments'] }],
    ['a scope in place of a list', { scopes: 'payments:read' }],
    ['one scope of none', { anyOf: [] }],
    ['any of *', { anyOf: ['*'] }],
    ['no place to look in', { credentials: [] }],
    ['a place of no kind', { credentials: [{ cookie: 'key' }] }],
    ['a place of two kinds', { credentials: [{ scheme: 'Bearer', header: 'X-API-Key' }] }],
    ['one place twice', { credentials: [{ header: 'X-API-Key' }, { header: 'x-api-key' }] }],
    ['a header that is no token', { credentials: [{ header: 'X API Key' }] }],
    ['a parameter without a name', { credentials: [{ query: '' }] }],
    ['a place that is nothing', { credentials: [null] }],
    ['a realm that ends its own quotes', { realm: 'a"b' }],
    ['a realm that breaks lines', { realm: 'a\r\nb' }],
    ['a time of nothing', { storeTimeoutSeconds: 0 }],
    ['a base that is no address', { problemBaseUrl: 'docs' }],
    ['optional in words', { optional: 'yes' }],
    ['HTTPS in words', { requireHttps: 'always' }],
    ['a throttle of yes', { failureThrottle: true }],
    ['a throttle of nothing', { failureThrottle: null }],
    ['a throttle that lets nobody fail', { failureThrottle: { limit: 0 } }],
    ['a throttle of a moment', { failureThrottle: { windowSeconds: 0.5 } }],
    ['a misspelt throttle', { failureThrottle: { max: 300 } }],
    ['a misspelt option', { scope: ['payments:read'] }],
  ])('%s', (_, options) => {
    expect(() => apiKey({ keys, ...options } as ApiKeyOptions)).toThrow(ConfigurationError)
  })

  test('are named in the message, with what they must be and what came', () => {
    expect(() => apiKey({ keys, environment: 'prod' })).toThrow(
      'apiKey: "environment" must be one or more of live, test, it is "prod"',
    )
  })
})

test('the types tell where there may be no grant, and which scopes there are', () => {
  type Scope = 'payments:read' | 'payments:write'
  const typed = apiKeys<Scope>({ store, prefix: 'acme' })
  expectTypeOf(apiKey({ keys })).toEqualTypeOf<Guard<ApiKeyGrant>>()
  expectTypeOf(apiKey({ keys, optional: true })).toEqualTypeOf<Guard<ApiKeyGrant | undefined>>()
  expectTypeOf(apiKey({ keys: typed, scopes: ['payments:read'] })).toEqualTypeOf<Guard<ApiKeyGrant<Scope>>>()
  // @ts-expect-error: no such scope
  apiKey({ keys: typed, scopes: ['payments:raed'] })
  expectTypeOf(typed).toExtend<ApiKeys>()
})
