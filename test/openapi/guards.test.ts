import {
  apiKey,
  apiKeys,
  github,
  idempotency,
  memoryStore,
  type NewApiKey,
  type RefusalCode,
  refusals,
  type Store,
  signature,
} from '@latchkey/core'
import { protect } from '@latchkey/fetch'
import { openApiGuards, problemResponses } from '@latchkey/openapi'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { Described } from '../management/described.js'

const info = { title: 'Payments', version: '1.0.0' }
const pay = { responses: { '201': { description: 'Paid' } } }

async function expectValid(document: object): Promise<void> {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)))
  expect(errors).toBe(undefined)
  expect(valid).toBe(true)
}

describe('a document with guards', () => {
  const guards = openApiGuards()
  const post = guards.operation(pay, { apiKey: { scopes: ['payments:write'] }, idempotency: 'required' })
  const hook = guards.operation(pay, { signature: true })
  const document = {
    ...{ openapi: '3.1.1', info, components: guards.components },
    paths: { '/payments': { post }, '/hooks': { post: hook } },
  }

  test('is a valid document of OpenAPI 3.1', () => expectValid(document))

  test('requires a key in one of the places where keys are looked for, with the scopes', () => {
    const scopes = ['payments:write']
    expect(post).toMatchObject({ security: [{ 'scheme.Bearer': scopes }, { 'header.X-API-Key': scopes }] })
    expect(guards.components.securitySchemes).toMatchObject({
      'scheme.Bearer': { type: 'http', scheme: 'bearer' },
      'header.X-API-Key': { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    })
  })

  test('has the refusals of all guards on an operation, status by status', () => {
    expect(Object.keys(post.responses)).toEqual(['201', '400', '401', '403', '408', '409', '413', '422', '429', '503'])
    expect(post.responses).toMatchObject({
      '201': { description: 'Paid' },
      '401': { $ref: '#/components/responses/ApiKey401' },
      '422': { $ref: '#/components/responses/Idempotency422' },
      '503': { description: expect.stringMatching(/`api-key-store-unavailable`.*`idempotency-store-unavailable`/) },
    })
    expect(hook).not.toHaveProperty('security')
  })

  test('lets stand what an operation says itself about a status, and its parameters', () => {
    const own = { parameters: [{ name: 'id', in: 'query' }], responses: { '409': { description: 'Paid before' } } }
    const operation = guards.operation(own, { idempotency: 'optional' })
    expect(operation.responses['409']).toBe(own.responses['409'])
    expect(operation.parameters).toEqual([...own.parameters, { $ref: '#/components/parameters/IdempotencyKey' }])
  })

  test('has every refusal of the three guards, from the one table', () => {
    const told = JSON.stringify(guards.components.responses)
    const codes = Object.keys(refusals).filter((code) => !code.startsWith('management-'))
    expect(codes.filter((code) => !told.includes(`\`${code}\``))).toEqual([])
    expect(told).not.toContain('management-')
  })

  test('lets an optional key be absent', () => {
    expect(guards.operation(pay, { apiKey: { optional: true } })).toMatchObject({ security: [{}, {}, {}] })
  })

  test('may look for keys in other places, whatever they are called', async () => {
    const credentials = [{ scheme: 'Token' }, { header: 'X_Key!' }, { query: 'api key' }]
    const elsewhere = openApiGuards({ credentials })
    expect(elsewhere.components.securitySchemes).toMatchObject({
      'scheme.Token': { type: 'http', scheme: 'token' },
      'header.X_5fKey_21': { type: 'apiKey', in: 'header', name: 'X_Key!' },
      'query.api_20key': { type: 'apiKey', in: 'query', name: 'api key' },
    })
    const paths = { '/payments': { post: elsewhere.operation(pay, { apiKey: true }) } }
    await expectValid({ openapi: '3.1.1', info, components: elsewhere.components, paths })
  })

  test.each([[{}], ['Bearer'], [[{ cookie: 'key' }]], [[{ header: 5 }]], [[{ header: 'a', query: 'b' }]], [[null]]])(
    'looks for no keys in %j',
    (credentials) => {
      expect(() => openApiGuards({ credentials: credentials as never })).toThrow(
        /"credentials" must be a list of places/,
      )
    },
  )

  test('has a response for any refusals that are named', () => {
    const codes: RefusalCode[] = ['request-too-large', 'request-timeout']
    expect(Object.keys(problemResponses(codes))).toEqual(['408', '413'])
  })

  test('describes what the guards really answer', async () => {
    const described = new Described(document)
    const store = memoryStore()
    const keys = apiKeys({ store, prefix: 'acme' })
    const issued = async (key: Partial<NewApiKey> = {}) =>
      (await keys.issue({ ownerId: 'org_1', scopes: ['payments:write'], ...key })).key
    const claim = { value: () => Promise.reject(new Error('The store is down')) }
    const broken: Store = { ...store, idempotency: Object.create(store.idempotency, { claim }) }
    const guarded = (over: Store) =>
      protect(
        {
          apiKey: apiKey({ keys, environment: 'live', scopes: ['payments:write'] }),
          once: idempotency({ store: over, scope: 'caller', maxBodyBytes: 10 }),
        },
        () => new Response('paid', { status: 201 }),
      )
    const statuses: number[] = []
    const send = async (key: string, headers: Record<string, string> = {}, body = '{}', over: Store = store) => {
      const url = 'https://api.example/payments'
      const fields = { ...(key && { authorization: `Bearer ${key}` }), ...headers }
      const response = await guarded(over)(new Request(url, { method: 'POST', headers: fields, body }))
      const text = await response.text()
      statuses.push(response.status)
      if (response.status === 201) return
      const received = { status: response.status, headers: Object.fromEntries(response.headers), text }
      described.expects('POST', '/payments', { ...received, json: JSON.parse(text) })
    }
    const key = await issued()
    const once = { 'idempotency-key': 'k1' }
    await send('')
    await send(`${key}x`)
    await send(key, { 'x-api-key': key })
    await send(await issued({ environment: 'test' }))
    await send(await issued({ scopes: [] }))
    await send(await issued({ quota: { remaining: 0 } }))
    await send(key)
    await send(key, once)
    await send(key, once, '{"a":1}')
    await send(key, { 'idempotency-key': 'k2' }, '{"large":true}')
    await send(key, { 'idempotency-key': 'k3' }, '{}', broken)
    expect(statuses).toEqual([401, 401, 400, 403, 403, 429, 400, 201, 422, 413, 503])

    const signed = protect(
      { signature: signature({ scheme: github({ secrets: ['0123456789abcdef0123456789abcdef'] }), replay: false }) },
      () => new Response(null),
    )
    const refused = await signed(new Request('https://api.example/hooks', { method: 'POST', body: '{}' }))
    const text = await refused.text()
    const headers = Object.fromEntries(refused.headers)
    expect(refused.status).toBe(401)
    described.expects('POST', '/hooks', { status: 401, headers, text, json: JSON.parse(text) })
  })
})
