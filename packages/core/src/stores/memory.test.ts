import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { StoreError } from '../errors.js'
import type { ClaimRequest } from '../idempotency/store.js'
import { type MemoryStoreOptions, memoryStore } from './memory.js'

function request(id: string, scope = 'alice'): ClaimRequest {
  return { id, scope, fingerprint: 'fp', token: `token ${id}`, leaseSeconds: 30, ttlSeconds: 600, takeOver: true }
}

function timed(options: MemoryStoreOptions = {}) {
  let nowMs = 1_790_000_000_000
  const { idempotency, replay, tokens } = memoryStore({ now: () => nowMs, ...options })
  return {
    idempotency,
    replay,
    tokens,
    advance: (seconds: number) => {
      nowMs += seconds * 1000
    },
    /** How many of so many new keys of a scope are taken. */
    flood: (scope: string, keys: number) => {
      let taken = 0
      for (let key = 0; key < keys; key++)
        if (isTaken(() => idempotency.claim(request(`${scope} ${key}`, scope)))) taken++
      return taken
    },
  }
}

function isTaken(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (error instanceof StoreError && error.fault === 'full') return false
    throw error
  }
}

describe('a bounded store', () => {
  test('refuses a new key when it is full and forgets none that it has', async () => {
    const { idempotency, flood } = timed({ maxRecords: 10, maxRecordsPerScope: 10 })
    expect(flood('alice', 12)).toBe(10)
    expect(flood('bob', 1)).toBe(0)
    expect(await idempotency.list({ limit: 1000 })).toHaveLength(10)
    expect(await idempotency.settle('alice 0', 'token alice 0', new Uint8Array(3), 600)).toBe('ok')
  })

  test('refuses a scope over its share and no other', () => {
    const { flood } = timed({ maxRecords: 100, maxRecordsPerScope: 10 })
    expect(flood('alice', 50)).toBe(10)
    expect(flood('bob', 5)).toBe(5)
  })

  test('leaves room for a new scope however many flood it', () => {
    const { flood } = timed({ maxRecords: 1000 })
    const scopes = Array.from({ length: 10 }, (_, index) => `tenant ${index}`)
    const taken = scopes.map((scope) => flood(scope, 1000))
    expect(taken[0]).toBe(334)
    expect(taken.every((count) => count > 5)).toBe(true)
    expect(flood('another', 5)).toBe(5)
  })

  test('takes new keys again once old ones have expired', () => {
    const { flood, advance } = timed({ maxRecords: 10, maxRecordsPerScope: 5 })
    expect(flood('alice', 6)).toBe(5)
    advance(629)
    expect(flood('alice again', 6)).toBe(5)
    advance(1)
    expect(flood('bob', 6)).toBe(5)
  })

  test('gives a scope its share back when its own records have expired behind ones that live longer', () => {
    const { idempotency, flood, advance } = timed({ maxRecords: 100, maxRecordsPerScope: 4 })
    idempotency.claim({ ...request('long', 'alice'), ttlSeconds: 86_400 })
    expect(flood('alice', 6)).toBe(3)
    advance(630)
    for (const key of ['x', 'y', 'z']) expect(isTaken(() => idempotency.claim(request(key)))).toBe(true)
    expect(isTaken(() => idempotency.claim(request('one too many')))).toBe(false)
    expect(idempotency.find('long')).toBeDefined()
  })

  test('counts released records no longer', async () => {
    const { idempotency } = timed({ maxRecords: 1 })
    for (let round = 0; round < 5; round++) {
      idempotency.claim(request('a'))
      expect(await idempotency.release('a', 'token a')).toBe('ok')
    }
    expect(isTaken(() => idempotency.claim(request('b')))).toBe(true)
  })

  test('gives up what has expired while it takes new keys', async () => {
    const { flood, advance, idempotency } = timed({ maxRecords: 1000, maxRecordsPerScope: 1000 })
    flood('alice', 100)
    advance(631)
    flood('bob', 100)
    expect(await idempotency.list({ limit: 1000 })).toHaveLength(100)
    expect(flood('carol', 900)).toBe(900)
  })

  test('refuses a reply for which there are no bytes and keeps the claim', async () => {
    const { idempotency, advance } = timed({ maxBytes: 20_000 })
    idempotency.claim(request('a'))
    expect(isTaken(() => idempotency.settle('a', 'token a', new Uint8Array(20_000), 600))).toBe(false)
    expect(await idempotency.claim({ ...request('a'), token: 'another' })).toMatchObject({ outcome: 'running' })
    expect(await idempotency.tombstone('a', 'token a', new Uint8Array(20_000), 600)).toBe('ok')
    expect(isTaken(() => idempotency.claim(request('b')))).toBe(false)
    advance(601)
    expect(isTaken(() => idempotency.claim(request('b')))).toBe(true)
  })

  test('keeps the last eighth of its bytes for replies of requests that run', async () => {
    const { idempotency } = timed({ maxBytes: 80_000, maxRecordsPerScope: 1000 })
    for (const key of ['a', 'b']) idempotency.claim(request(key, key))
    expect(await idempotency.settle('a', 'token a', new Uint8Array(72_000), 600)).toBe('ok')
    expect(isTaken(() => idempotency.claim(request('c', 'c')))).toBe(false)
    expect(await idempotency.settle('b', 'token b', new Uint8Array(2_000), 600)).toBe('ok')
  })

  test('refuses a new message when the replay window is full and forgets none before its time', async () => {
    const { replay, advance } = timed({ maxMessages: 3 })
    for (const id of ['a', 'b', 'c']) {
      await replay.reserve(id, id, 30)
      await replay.commit(id, id, 600)
    }
    expect(isTaken(() => replay.reserve('d', 'd', 30))).toBe(false)
    expect(await replay.reserve('a', 'x', 30)).toEqual({ outcome: 'committed' })
    advance(600)
    expect(await replay.reserve('d', 'd', 30)).toEqual({ outcome: 'reserved' })
  })

  test('refuses a new token when it is full of them and forgets none before its time', async () => {
    const { tokens, advance } = timed({ maxTokens: 3 })
    const token = (id: string) => ({ id, subject: 'alice', purpose: id, data: '{}' })
    for (const id of ['a', 'b', 'c']) await tokens.insert(token(id), 600, false)
    expect(isTaken(() => tokens.insert(token('d'), 600, true))).toBe(false)
    expect(isTaken(() => tokens.insert({ ...token('e'), purpose: 'a' }, 1200, true))).toBe(true)
    expect(isTaken(() => tokens.insert(token('b'), 600, false))).toBe(true)
    expect(await tokens.consume('c')).toEqual(token('c'))
    expect(isTaken(() => tokens.insert(token('d'), 600, false))).toBe(true)
    advance(600)
    for (const id of ['f', 'g']) expect(isTaken(() => tokens.insert(token(id), 600, false))).toBe(true)
    expect(isTaken(() => tokens.insert(token('h'), 600, false))).toBe(false)
    expect(await tokens.revokeAll('alice')).toBe(3)
    expect(isTaken(() => tokens.insert(token('h'), 600, false))).toBe(true)
  })
})

test('an ordinary clock is steady: setting the wall clock back or forth touches no lease', async () => {
  const { idempotency } = memoryStore()
  idempotency.claim(request('a'))
  const wallClock = Date.now
  try {
    for (const hours of [24, -24]) {
      Date.now = () => wallClock() + hours * 3_600_000
      expect(await idempotency.claim({ ...request('a'), token: 'another' })).toMatchObject({ outcome: 'running' })
    }
  } finally {
    Date.now = wallClock
  }
  expect((await idempotency.find('a'))!.createdAtMs).toBeGreaterThan(wallClock() - 60_000)
})

test('a clock that steps back neither frees a key nor breaks its times', async () => {
  let nowMs = 1_790_000_000_000
  const { idempotency } = memoryStore({ now: () => nowMs })
  nowMs -= 86_400_000
  idempotency.claim(request('a'))
  expect(await idempotency.claim({ ...request('a'), token: 'another' })).toEqual({
    outcome: 'running',
    leaseRemainingMs: 30_000,
  })
  expect(await idempotency.find('a')).toMatchObject({ createdAtMs: nowMs, expiresAtMs: nowMs + 630_000 })
})

test('printing the store shows nothing that is in it', async () => {
  const store = memoryStore()
  store.idempotency.claim(request('canary'))
  await store.idempotency.settle('canary', 'token canary', new TextEncoder().encode('canary'), 600)
  await store.replay.reserve('canary', 'canary', 30)
  await store.tokens.insert({ id: 'canary', subject: 'canary', purpose: 'canary', data: '"canary"' }, 60, false)
  expect(inspect(store, { depth: 10, showHidden: true }) + JSON.stringify(store)).not.toContain('canary')
})

test.each([
  [{ maxRecords: 0 }, 'maxRecords'],
  [{ maxBytes: 1.5 }, 'maxBytes'],
  [{ maxRecordsPerScope: Number.NaN }, 'maxRecordsPerScope'],
  [{ maxMessages: -1 }, 'maxMessages'],
  [{ maxTokens: 0 }, 'maxTokens'],
  [{ now: 5 }, 'now'],
  [{ maxRecord: 5 }, 'maxRecord'],
])('the options %o are refused', (options, name) => {
  expect(() => memoryStore(options as MemoryStoreOptions)).toThrow(
    expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining(`"${name}"`) }),
  )
})
