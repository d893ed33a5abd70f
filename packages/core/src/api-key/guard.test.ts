import { beforeEach, describe, expect, test } from 'vitest'
import { grantLedger } from '../sequence.js'
import { apiKey } from './guard.js'
import { type Asked, bearer, GuardRig, inField, request } from './guard-rig.js'

let rig: GuardRig

beforeEach(async () => {
  rig = await GuardRig.create()
})

describe('a request that passes', () => {
  test('hands the handler who is calling, and the guards after it the owner', async () => {
    const { grant, caller, headers } = await rig.passed(bearer(rig.key('alice')), { environment: 'live' })
    expect(grant).toMatchObject({ keyId: rig.id('alice'), ownerId: 'alice', environment: 'live' })
    expect(caller).toBe('alice')
    expect(headers).toEqual([['vary', 'authorization, x-api-key']])
  })

  test('keeps shared caches off where the key did not come in Authorization', async () => {
    const { headers } = await rig.passed(inField(rig.key('alice')))
    expect(headers).toEqual([
      ['cache-control', 'private'],
      ['vary', 'authorization, x-api-key'],
    ])
    const inQuery = { url: `http://api.test/?key=${rig.key('alice')}` }
    const { headers: others } = await rig.passed(inQuery, { credentials: [{ query: 'key' }] })
    expect(others).toEqual([['cache-control', 'private']])
  })

  test('is decided at once where the store answers at once', () => {
    const guard = apiKey({ keys: rig.keys })
    expect(guard(request(bearer(rig.key('alice'))), grantLedger())).toHaveProperty('kind', 'pass')
    expect(guard(request(), grantLedger())).toHaveProperty('kind', 'reply')
  })

  test('waits for a store that answers later', async () => {
    const keys = rig.keysOver({ find: async (id: string) => rig.store.keys.find(id) })
    expect((await rig.passed(bearer(rig.key('alice')), { keys })).caller).toBe('alice')
    expect(await rig.refused(bearer(rig.key('revoked')), { keys })).toMatchObject({ code: 'api-key-revoked' })
  })

  test.each([
    [['payments:read'], undefined],
    [['payments:read', 'payments:write'], undefined],
    [[], undefined],
    [undefined, ['orders:read', 'payments:write']],
    [['payments:read'], ['orders:read', 'payments:write']],
  ])('has all of the scopes %j and one of %j', async (scopes, anyOf) => {
    const options = { ...(scopes && { scopes }), ...(anyOf && { anyOf }) }
    expect((await rig.passed(bearer(rig.key('alice')), options)).caller).toBe('alice')
  })

  test('may be of one of several environments, or of any', async () => {
    for (const name of ['alice', 'test'] as const) {
      expect((await rig.passed(bearer(rig.key(name)), { environment: ['live', 'test'] })).caller).toBe('alice')
      expect((await rig.passed(bearer(rig.key(name)))).caller).toBe('alice')
    }
  })
})

describe('an optional key', () => {
  test('may be missing: no grant, and a caller whom nobody knows', async () => {
    const pass = await rig.passed({}, { optional: true })
    expect(pass).toMatchObject({ grant: undefined, caller: null, headers: [['vary', 'authorization, x-api-key']] })
  })

  test('that is there has to be right', async () => {
    const code = async (asked: Asked) => (await rig.refused(asked, { optional: true })).code
    expect(await code(bearer('acme_'))).toBe('api-key-invalid')
    expect(await code(bearer('e30.e30.c2ln'))).toBe('api-key-invalid')
    expect(await code(bearer(rig.key('revoked')))).toBe('api-key-revoked')
    expect((await rig.passed(bearer(rig.key('alice')), { optional: true })).caller).toBe('alice')
  })
})

describe('a CORS preflight', () => {
  const headers = { Origin: 'https://shop.test', 'Access-Control-Request-Method': 'POST' }

  test('passes without a grant', async () => {
    expect(await rig.passed({ method: 'OPTIONS', headers })).toMatchObject({ grant: undefined, caller: null })
  })

  test.each([
    ['OPTIONS without Origin', { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'POST' } }],
    ['OPTIONS without the method that is asked for', { method: 'OPTIONS', headers: { Origin: 'https://shop.test' } }],
    ['another method', { method: 'POST', headers }],
    [
      'a POST that calls itself OPTIONS',
      { method: 'POST', headers: { ...headers, 'X-HTTP-Method-Override': 'OPTIONS' } },
    ],
  ])('%s is none', async (_, asked) => {
    expect((await rig.refused(asked)).code).toBe('api-key-missing')
  })

  test('is refused where the guard is told so', async () => {
    const asked = { method: 'OPTIONS', headers }
    expect((await rig.refused(asked, { allowPreflight: false })).code).toBe('api-key-missing')
  })
})

describe('the observer', () => {
  test('is told who passed and who did not, and why', async () => {
    await rig.ask(bearer(rig.key('alice')))
    await rig.ask(bearer(rig.forged('alice')))
    await rig.ask(bearer('acme_live_x'))
    await rig.ask({})
    await rig.ask(bearer('e30.e30.c2ln'))
    const keyId = rig.id('alice')
    expect(rig.events).toEqual([
      { type: 'api-key.accepted', keyId, ownerId: 'alice', environment: 'live' },
      { type: 'api-key.refused', code: 'api-key-invalid', reason: 'wrong-secret', keyId },
      { type: 'api-key.refused', code: 'api-key-invalid', reason: 'malformed' },
      { type: 'api-key.refused', code: 'api-key-missing', reason: 'missing' },
      { type: 'api-key.refused', code: 'api-key-invalid', reason: 'foreign' },
    ])
    expect(JSON.stringify(rig.events)).not.toContain(rig.key('alice').slice(23))
  })

  test('that throws changes nothing', async () => {
    const observe = () => {
      throw new Error('the observer is broken')
    }
    expect((await rig.passed(bearer(rig.key('alice')), { observe })).caller).toBe('alice')
    expect((await rig.refused({}, { observe })).code).toBe('api-key-missing')
  })
})
