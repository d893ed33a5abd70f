import { createHash, createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { ConfigurationError, StoreError } from '../errors.js'
import { memoryStore } from '../stores/memory.js'
import type { OneTimeTokenEvent } from './one-time-token-event.js'
import { oneTimeTokens } from './one-time-tokens.js'
import type { OneTimeTokensOptions } from './one-time-tokens-options.js'
import type { TokenStore } from './store.js'

const reset = 'password-reset'
const confirm = 'email-confirmation'

function timed(options: Partial<OneTimeTokensOptions> = {}) {
  let nowMs = 1_790_000_000_000
  const { tokens: store } = memoryStore({ now: () => nowMs })
  const spied = { insert: vi.fn(store.insert.bind(store)), consume: vi.fn(store.consume.bind(store)) }
  const revokeAll = store.revokeAll.bind(store)
  return {
    tokens: oneTimeTokens({ store: { tokens: { ...spied, revokeAll } }, ...options }),
    store: spied,
    advance: (seconds: number) => {
      nowMs += seconds * 1000
    },
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

describe('a one-time token', () => {
  test('gives its subject back once', async () => {
    const { tokens } = timed()
    const { token } = await tokens.issue('alice', reset, 60)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(await tokens.consume(token, reset)).toEqual({ subject: 'alice', data: {} })
    expect(await tokens.consume(token, reset)).toBeUndefined()
  })

  test('carries what the application has attached, by way of JSON', async () => {
    const { tokens } = timed()
    const data = { email: 'new@example.com', roles: ['admin'], at: new Date(0), ['__proto__']: 1 }
    const { token } = await tokens.issue('alice', confirm, 60, { data })
    const used = await tokens.consume(token, confirm)
    expect(JSON.stringify(used!.data)).toBe(JSON.stringify(data))
    expect(Object.getPrototypeOf(used!.data)).toBe(Object.prototype)
  })

  test('is good for its purpose alone, and another purpose burns nothing', async () => {
    const { tokens } = timed()
    const { token } = await tokens.issue('alice', reset, 60)
    expect(await tokens.consume(token, confirm)).toBeUndefined()
    expect(await tokens.consume(token, 'password')).toBeUndefined()
    expect(await tokens.consume(token, reset)).toMatchObject({ subject: 'alice' })
  })

  test('expires by the store’s clock, which tells when', async () => {
    const { tokens, advance } = timed()
    const first = await tokens.issue('alice', reset, 60)
    const second = await tokens.issue('alice', reset, 60.0005)
    expect([first.expiresAtMs, second.expiresAtMs]).toEqual([1_790_000_060_000, 1_790_000_060_001])
    advance(60)
    expect(await tokens.consume(first.token, reset)).toBeUndefined()
    expect(await tokens.consume(second.token, reset)).toMatchObject({ subject: 'alice' })
  })

  test('of 50 parallel uses exactly one gets the subject', async () => {
    const { tokens } = timed()
    const { token } = await tokens.issue('alice', reset, 60)
    const uses = await Promise.all(Array.from({ length: 50 }, () => tokens.consume(token, reset)))
    expect(uses.filter((used) => used !== undefined)).toEqual([{ subject: 'alice', data: {} }])
  })

  test('is refused alike whether it is expired, used, revoked, unknown or malformed', async () => {
    const { tokens, advance } = timed()
    const expired = await tokens.issue('alice', reset, 1)
    advance(1)
    const [used, revoked] = [await tokens.issue('alice', reset, 60), await tokens.issue('bob', reset, 60)]
    await tokens.consume(used.token, reset)
    await tokens.revokeAll('bob')
    for (const token of [expired.token, used.token, revoked.token, 'A'.repeat(43), '', 'A'.repeat(44)]) {
      expect(await tokens.consume(token, reset)).toBeUndefined()
    }
  })

  test.each([
    ['empty', ''],
    ['short', 'A'.repeat(42)],
    ['long', 'A'.repeat(1_000_000)],
    ['of other characters', `${'A'.repeat(42)}+`],
    ['followed by a line end', `${'A'.repeat(43)}\n`],
    ['no text', 43 as unknown as string],
    ['missing', undefined as unknown as string],
    ['a list', ['A'.repeat(43)] as unknown as string],
  ])('that is %s costs no call of the store', async (_, token) => {
    const { tokens, store } = timed()
    expect(await tokens.consume(token, reset)).toBeUndefined()
    expect(store.consume).not.toHaveBeenCalled()
  })

  test('shows in no print of what issue answers', async () => {
    const issued = await timed().tokens.issue('alice', reset, 60)
    const printed = [
      inspect(issued, { showHidden: true, depth: 9 }),
      JSON.stringify(issued),
      JSON.stringify({ ...issued }),
    ]
    for (const text of printed) expect(text).not.toContain(issued.token)
  })
})

describe('the store gets', () => {
  test('a digest over purpose and token, known answer', async () => {
    const { tokens, store } = timed()
    const { token } = await tokens.issue('alice', reset, 60, { data: { a: 1 }, replaces: true })
    const id = sha256(`latchkey token 1:14:password-reset:${token}`)
    expect(store.insert.mock.calls).toEqual([[{ id, subject: 'alice', purpose: reset, data: '{"a":1}' }, 60, true]])
    await tokens.consume(token, reset)
    expect(store.consume.mock.calls).toEqual([[id]])
  })

  test('an HMAC where there is a secret, and a token of another secret is unknown', async () => {
    const secret = Buffer.alloc(32, 7)
    const { tokens, store } = timed({ secret })
    const { token } = await tokens.issue('alice', reset, 60)
    const text = `latchkey token 1:14:password-reset:${token}`
    const id = createHmac('sha256', Buffer.alloc(32, 7)).update(text).digest('base64url')
    expect(store.insert.mock.calls[0]![0].id).toBe(id)
    // A copy was made.
    secret.fill(0)
    expect(await tokens.consume(token, reset)).toMatchObject({ subject: 'alice' })
    expect(timed({ secret: 's'.repeat(32) }).tokens).toBeDefined()
  })
})

describe('revokeAll', () => {
  test('ends what a subject has, and tells how much of it was still good', async () => {
    const { tokens, advance } = timed()
    await tokens.issue('alice', reset, 1)
    advance(1)
    const mine = [await tokens.issue('alice', reset, 60), await tokens.issue('alice', confirm, 60)]
    const theirs = await tokens.issue('bob', reset, 60)
    expect(await tokens.revokeAll('alice')).toBe(2)
    expect(await tokens.consume(mine[0]!.token, reset)).toBeUndefined()
    expect(await tokens.consume(mine[1]!.token, confirm)).toBeUndefined()
    expect(await tokens.consume(theirs.token, reset)).toMatchObject({ subject: 'bob' })
    expect(await tokens.revokeAll('alice')).toBe(0)
  })

  test('with a purpose ends no other', async () => {
    const { tokens } = timed()
    await tokens.issue('alice', reset, 60)
    const other = await tokens.issue('alice', confirm, 60)
    expect(await tokens.revokeAll('alice', reset)).toBe(1)
    expect(await tokens.consume(other.token, confirm)).toMatchObject({ subject: 'alice' })
  })
})

test('a token that replaces ends the earlier ones of its subject and purpose', async () => {
  const { tokens } = timed()
  const earlier = await tokens.issue('alice', reset, 60)
  const other = await tokens.issue('alice', confirm, 60)
  const last = await tokens.issue('alice', reset, 60, { replaces: true })
  expect(await tokens.consume(earlier.token, reset)).toBeUndefined()
  expect(await tokens.consume(last.token, reset)).toMatchObject({ subject: 'alice' })
  expect(await tokens.consume(other.token, confirm)).toMatchObject({ subject: 'alice' })
})

test('an observer is told what happens and never a token, and its own faults are its own', async () => {
  const events: OneTimeTokenEvent[] = []
  const observe = (event: OneTimeTokenEvent) => {
    events.push(event)
    throw new Error('an observer that fails')
  }
  const { tokens } = timed({ observe })
  const { token, expiresAtMs } = await tokens.issue('alice', reset, 60)
  await tokens.consume(token, reset)
  await tokens.consume(token, reset)
  await tokens.revokeAll('alice')
  await tokens.revokeAll('alice', reset)
  expect(events).toEqual([
    { type: 'one-time-token.issued', subject: 'alice', purpose: reset, expiresAtMs },
    { type: 'one-time-token.consumed', subject: 'alice', purpose: reset },
    { type: 'one-time-token.refused', purpose: reset },
    { type: 'one-time-token.revoked', subject: 'alice', purpose: null, tokens: 0 },
    { type: 'one-time-token.revoked', subject: 'alice', purpose: reset, tokens: 0 },
  ])
  expect(inspect(events)).not.toContain(token)
})

test('a store that fails is passed on, and data that cannot be read is corrupt', async () => {
  const fails = async () => Promise.reject(new StoreError('unavailable', 'away'))
  const failing = oneTimeTokens({ store: { tokens: { insert: fails, consume: fails, revokeAll: fails } } })
  await expect(failing.issue('alice', reset, 60)).rejects.toMatchObject({ fault: 'unavailable' })
  await expect(failing.consume('A'.repeat(43), reset)).rejects.toMatchObject({ fault: 'unavailable' })
  await expect(failing.revokeAll('alice')).rejects.toMatchObject({ fault: 'unavailable' })
  const consume = () => ({ id: '', subject: 'alice', purpose: reset, data: '{' })
  const corrupt = oneTimeTokens({ store: { tokens: { insert: fails, consume, revokeAll: fails } } })
  await expect(corrupt.consume('A'.repeat(43), reset)).rejects.toMatchObject({ fault: 'corrupt' })
})

const circle: Record<string, unknown> = {}
circle.self = circle

test.each([
  ['subject', ['', reset, 60]],
  ['subject', ['a\nb', reset, 60]],
  ['subject', ['x'.repeat(256), reset, 60]],
  ['subject', [7, reset, 60]],
  ['purpose', ['alice', '', 60]],
  ['purpose', ['alice', 'Password Reset', 60]],
  ['purpose', ['alice', 'x'.repeat(65), 60]],
  ['ttlSeconds', ['alice', reset, 0.999]],
  ['ttlSeconds', ['alice', reset, 31_536_001]],
  ['ttlSeconds', ['alice', reset, Number.NaN]],
  ['ttlSeconds', ['alice', reset, undefined]],
  ['data', ['alice', reset, 60, { data: { text: 'x'.repeat(4096) } }]],
  ['data', ['alice', reset, 60, { data: [1] }]],
  ['data', ['alice', reset, 60, { data: 'text' }]],
  ['data', ['alice', reset, 60, { data: circle }]],
  ['replaces', ['alice', reset, 60, { replaces: 'yes' }]],
  ['no option "replace"', ['alice', reset, 60, { replace: true }]],
])('issue refuses what does not fit: %s', async (name, given) => {
  const { tokens, store } = timed()
  const refused = tokens.issue(...(given as Parameters<typeof tokens.issue>))
  await expect(refused).rejects.toBeInstanceOf(ConfigurationError)
  await expect(refused).rejects.toThrow(name)
  expect(store.insert).not.toHaveBeenCalled()
})

test('a purpose or a subject that is none is the application’s mistake', async () => {
  const { tokens } = timed()
  await expect(tokens.consume('A'.repeat(43), undefined as unknown as string)).rejects.toThrow('consume: "purpose"')
  await expect(tokens.revokeAll(undefined as unknown as string)).rejects.toThrow('revokeAll: "subject"')
  await expect(tokens.revokeAll('alice', 'X')).rejects.toThrow('revokeAll: "purpose"')
})

test.each([
  [{}, '"store"'],
  [{ store: { tokens: { insert: () => 0 } as unknown as TokenStore } }, '"store"'],
  [{ store: memoryStore(), secret: 'canary that is too short' }, '"secret"'],
  [{ store: memoryStore(), secret: 42 }, '"secret"'],
  [{ store: memoryStore(), observe: 'console' }, '"observe"'],
  [{ store: memoryStore(), pepper: 'canary' }, 'no option "pepper"'],
])('the options %o are refused', (options, text) => {
  const make = () => oneTimeTokens(options as unknown as OneTimeTokensOptions)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(text)
  expect(make).not.toThrow('canary that')
})
