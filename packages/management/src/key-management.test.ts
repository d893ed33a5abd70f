import { type ApiKeysOptions, apiKeys, BodyError, type BodyFault, type GuardRequest, memoryStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { apiKeyAuthority } from './api-key-authority.js'
import type { ManagementAuthority } from './authority.js'
import { type KeyManagementOptions, keyManagement } from './index.js'

const everything: ManagementAuthority = { actor: 'root', actions: 'every', ownerIds: 'every', scopes: ['*'] }

const json = { 'content-type': 'application/json' }

/** A request as a host presents it. */
function requestOf(
  method: string,
  target: string,
  body: unknown = {},
  headers: Record<string, string> = json,
): GuardRequest {
  return {
    method,
    url: `https://api.example${target}`,
    headers: { get: (name) => headers[name] ?? null, count: (name) => Number(name in headers) },
    remoteAddress: undefined,
    body: async () => new TextEncoder().encode(JSON.stringify(body)),
  }
}

function rig(authority: ManagementAuthority, options: Partial<KeyManagementOptions & ApiKeysOptions> = {}) {
  const { environments = ['live', 'test', 'staging'], ...rest } = options
  const keys = apiKeys({ store: memoryStore(), prefix: 'acme', environments })
  const guard = keyManagement({ keys, authorize: () => authority, ...rest })
  const ask = async (request: GuardRequest) => {
    const verdict = await guard(request, { caller: undefined, get: () => undefined })
    if (verdict.kind === 'pass') return 'passed'
    const { status, body } = verdict.reply
    return { status, json: body.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(body)) }
  }
  return { keys, ask, send: (...parameters: Parameters<typeof requestOf>) => ask(requestOf(...parameters)) }
}

describe('an authority over some environments', () => {
  const some: ManagementAuthority = { ...everything, environments: ['test', 'staging'] }

  test('lists the keys in them, and its cursor passes over the others', async () => {
    const { keys, send } = rig(some)
    const issued = await Promise.all(
      Array.from({ length: 9 }, async (_, at) => {
        const environment = ['live', 'test', 'staging'][at % 3]!
        return (await keys.issue({ ownerId: 'org_1', environment })).info
      }),
    )
    const listed: string[] = []
    for (let query = '?limit=2', pages = 0; query !== '' && pages < 9; pages++) {
      const page = (await send('GET', `/api-keys${query}`)) as { json: { keys: { id: string }[]; next: string | null } }
      listed.push(...page.json.keys.map(({ id }) => id))
      query = page.json.next === null ? '' : `?limit=2&cursor=${page.json.next}`
    }
    const visible = issued.filter(({ environment }) => environment !== 'live').map(({ id }) => id)
    expect(listed).toEqual(visible.sort())
  })

  test('issues into the first of them where a request names none', async () => {
    const issued = await rig(some).send('POST', '/api-keys', { ownerId: 'org_1' })
    expect(issued).toMatchObject({ status: 201, json: { environment: 'test' } })
  })

  test('issues into none where there is none', async () => {
    const { keys, send } = rig({ ...some, environments: [] })
    expect(await send('POST', '/api-keys', { ownerId: 'org_1' })).toMatchObject({ status: 403 })
    expect(await keys.list()).toEqual([])
  })
})

describe('a request', () => {
  test.each([
    ['too-large', 413, 'request-too-large'],
    ['timeout', 408, 'request-timeout'],
    ['aborted', 408, 'request-timeout'],
    ['busy', 503, 'management-unavailable'],
  ] as const)('whose body is %s gets %d', async (fault: BodyFault, status, code) => {
    const { ask } = rig(everything)
    const body = () => Promise.reject(new BodyError(fault))
    expect(await ask({ ...requestOf('POST', '/api-keys'), body })).toMatchObject({ status, json: { code } })
  })

  test('has its body read only where its sender may do what it asks for', async () => {
    const { ask } = rig({ ...everything, actions: ['read'] })
    let reads = 0
    const body = async () => {
      reads++
      return new Uint8Array(0)
    }
    expect(await ask({ ...requestOf('POST', '/api-keys'), body })).toMatchObject({ status: 403 })
    expect(reads).toBe(0)
  })

  test.each([
    'https://api.example',
    'https://api.example/',
    'https://api.example?/api-keys',
    'https://api.example#/api-keys',
  ])('for %s passes', async (url) => {
    const { ask } = rig(everything)
    expect(await ask({ ...requestOf('GET', ''), url })).toBe('passed')
  })

  test('is not carried out where a prototype has been polluted with what it does not say', async () => {
    const { keys, send } = rig({ ...everything, ownerIds: ['org_1'] })
    Object.assign(Object.prototype, { scopes: ['*'] })
    let answer: unknown
    try {
      answer = await send('POST', '/api-keys', {})
    } finally {
      Reflect.deleteProperty(Object.prototype, 'scopes')
    }
    expect(answer).toMatchObject({ status: 503 })
    expect(await keys.list()).toEqual([])
  })
})

describe('what authorize gives', () => {
  test.each<[string, object]>([
    ['no actor', { actor: undefined }],
    ['an action that there is not', { actions: ['read', 'write'] }],
    ['no scopes', { scopes: undefined }],
    ['something that is no scope', { scopes: ['payments:read '] }],
    ['owners that are no texts', { ownerIds: [null] }],
    ['an owner in place of a list', { ownerIds: 'org_1' }],
    ['a hole in a list of owners', { ownerIds: Array(1) }],
    ['a field that there is not', { fields: ['ownerId'] }],
    ['scopes by default', { defaults: { scopes: ['*'] } }],
    ['an owner by default', { defaults: { ownerId: 'org_1' } }],
  ])('is not taken with %s', async (_what, part) => {
    const failures: unknown[] = []
    const observe = (event: unknown) => void failures.push(event)
    const { send } = rig({ ...everything, ...part } as ManagementAuthority, { observe })
    expect(await send('GET', '/api-keys')).toMatchObject({ status: 503, json: { code: 'management-unavailable' } })
    expect(failures).toMatchObject([{ type: 'management.failed' }, { type: 'management.refused' }])
  })

  test.each([['*'], ['keys:*'], [''], [5]])('by a key is not given for the scope %j', (scope) => {
    expect(() => apiKeyAuthority(scope as string)).toThrow(/"scope" must be a scope/)
  })

  test('by a key is held against its limits when it is made', () => {
    expect(() => apiKeyAuthority('keys:admin', { actions: ['write' as 'read'] })).toThrow(/"actions" must be/)
  })
})
