import { beforeEach, describe, expect, test } from 'vitest'
import { isPromise } from '../../deadline.js'
import { KeyWatchers } from '../../stores/key-watchers.js'
import type { ApiKeyLifecycleEvent } from '../events.js'
import type { KeyRecord, KeyStore } from '../store.js'
import { KeyCache } from './key-cache.js'

/** A store whose reads answer when the test lets them. */
class GatedStore implements Pick<KeyStore, 'find' | 'watch'> {
  readonly watchers = new KeyWatchers()
  readonly records = new Map<string, KeyRecord>()
  reads = 0
  #isGated = false
  readonly #gates: (() => void)[] = []

  put(id: string, changes: Partial<KeyRecord> = {}): void {
    this.records.set(id, {
      id,
      revokedAtMs: null,
      scopes: ['a:b'],
      metadata: { nested: { plan: 'free' } },
      ...changes,
    } as KeyRecord)
  }

  watch: KeyStore['watch'] = (watcher) => this.watchers.add(watcher)

  find(id: string) {
    this.reads++
    const record = this.records.get(id)
    if (!this.#isGated) return record
    return new Promise<KeyRecord | undefined>((resolve) => this.#gates.push(() => resolve(record)))
  }

  /** Lets reads see the record at once, and answer later. */
  gate(): void {
    this.#isGated = true
  }

  /** The read that began last is answered first. */
  async open(): Promise<void> {
    this.#isGated = false
    for (const open of this.#gates.splice(0).reverse()) open()
  }
}

let store: GatedStore
let nowMs: number
let events: ApiKeyLifecycleEvent[]

beforeEach(() => {
  store = new GatedStore()
  store.put('a')
  nowMs = 5
  events = []
})

function cacheOf({ ttlSeconds = 10, maxKeys = 3, isHearing = true } = {}): KeyCache {
  const observe = (event: ApiKeyLifecycleEvent) => events.push(event)
  const cache = new KeyCache(store as unknown as KeyStore, { ttlSeconds, maxKeys, observe }, () => nowMs)
  if (isHearing) store.watchers.heard()
  return cache
}

/** How many reads the work takes. */
async function readsOf(work: () => unknown): Promise<number> {
  const before = store.reads
  await work()
  return store.reads - before
}

describe('a record', () => {
  test('is read once, and then answered at once', async () => {
    const cache = cacheOf()
    store.gate()
    const first = cache.find('a')
    await store.open()
    expect(await first).toMatchObject({ id: 'a' })
    const second = cache.find('a')
    expect(isPromise(second)).toBe(false)
    expect(second).toBe(await first)
    expect(store.reads).toBe(1)
  })

  test('serves until its last moment and not at its ttl, counted from the question and not from its last use', async () => {
    const cache = cacheOf({ ttlSeconds: 10 })
    store.gate()
    const first = cache.find('a')
    nowMs += 4000
    await store.open()
    await first
    nowMs = 5 + 9999.9
    expect(await readsOf(() => cache.find('a'))).toBe(0)
    nowMs = 5 + 10_000
    expect(await readsOf(() => cache.find('a'))).toBe(1)
  })

  test('that took longer to read than it may serve is read again', async () => {
    const cache = cacheOf({ ttlSeconds: 1 })
    store.gate()
    const first = cache.find('a')
    nowMs += 1000
    await store.open()
    await first
    expect(await readsOf(() => cache.find('a'))).toBe(1)
  })

  test('that the store says has changed is read again, and the others are not', async () => {
    const cache = cacheOf()
    store.put('b')
    for (const id of ['a', 'b']) await cache.find(id)
    store.put('a', { revokedAtMs: 1 })
    store.watchers.changed('a')
    expect(await cache.find('a')).toMatchObject({ revokedAtMs: 1 })
    expect(await readsOf(() => cache.find('b'))).toBe(0)
  })

  test('is read again where any of them may have changed', async () => {
    const cache = cacheOf()
    await cache.find('a')
    store.watchers.changed()
    expect(await readsOf(() => cache.find('a'))).toBe(1)
  })

  test('that was read before a change and arrives after it is handed on and not kept', async () => {
    const cache = cacheOf()
    store.gate()
    const late = cache.find('a')
    store.put('a', { revokedAtMs: 1 })
    store.watchers.changed('a')
    await store.open()
    expect(await late).toMatchObject({ revokedAtMs: null })
    expect(await cache.find('a')).toMatchObject({ revokedAtMs: 1 })
  })

  test('that was read before a change does not take the place of one that was read after it', async () => {
    const cache = cacheOf()
    store.gate()
    const late = cache.find('a')
    store.put('a', { revokedAtMs: 1 })
    store.watchers.changed('a')
    const next = cache.find('a')
    await store.open()
    await Promise.all([late, next])
    expect(await cache.find('a')).toMatchObject({ revokedAtMs: 1 })
  })

  test('is frozen through and through', async () => {
    const cache = cacheOf()
    const record = (await cache.find('a'))!
    expect(() => (record.scopes as string[]).push('*')).toThrow(TypeError)
    expect(() => Object.assign(record.metadata.nested as object, { plan: 'gold' })).toThrow(TypeError)
    expect(await cache.find('a')).toMatchObject({ scopes: ['a:b'], metadata: { nested: { plan: 'free' } } })
  })
})

describe('room', () => {
  test('of a full cache is made by the record that was used longest ago', async () => {
    const cache = cacheOf({ maxKeys: 3 })
    for (const id of ['b', 'c', 'd']) store.put(id)
    for (const id of ['a', 'b', 'c', 'a', 'd']) await cache.find(id)
    expect(await readsOf(() => ['a', 'c', 'd'].map((id) => cache.find(id)))).toBe(0)
    expect(await readsOf(() => cache.find('b'))).toBe(1)
  })

  test('is not taken by a record that is read twice at once', async () => {
    const cache = cacheOf({ maxKeys: 2 })
    store.put('b')
    await cache.find('b')
    store.gate()
    const both = [cache.find('a'), cache.find('a')]
    await store.open()
    await Promise.all(both)
    expect(await readsOf(() => ['a', 'b'].map((id) => cache.find(id)))).toBe(0)
  })

  test('is not taken by ids that are unknown, and a key counts from the moment it is there', async () => {
    const cache = cacheOf({ maxKeys: 1 })
    await cache.find('a')
    for (let index = 0; index < 1000; index++) expect(await cache.find(`unknown ${index}`)).toBeUndefined()
    expect(await readsOf(() => cache.find('a'))).toBe(0)
    expect(await cache.find('new')).toBeUndefined()
    store.put('new')
    expect(await cache.find('new')).toMatchObject({ id: 'new' })
  })
})

describe('a store that does not hear what others change', () => {
  test('is read each time, from the start and after it was heard', async () => {
    const cache = cacheOf({ isHearing: false })
    expect(await readsOf(() => [cache.find('a'), cache.find('a')])).toBe(2)
    store.watchers.heard()
    expect(await readsOf(() => [cache.find('a'), cache.find('a')])).toBe(1)
    store.watchers.lost(new Error('cut'))
    expect(await readsOf(() => [cache.find('a'), cache.find('a')])).toBe(2)
    store.watchers.heard()
    expect(await readsOf(() => [cache.find('a'), cache.find('a')])).toBe(1)
  })

  test.each([
    ['before it was lost and after', () => store.watchers.lost(new Error('cut')), () => undefined],
    [
      'before it was lost and after it was heard again',
      () => store.watchers.lost(new Error('cut')),
      () => store.watchers.heard(),
    ],
  ])('has nothing kept that was under way %s', async (_, lose, hear) => {
    const cache = cacheOf()
    store.gate()
    const late = cache.find('a')
    lose()
    hear()
    await store.open()
    await late
    expect(await readsOf(() => cache.find('a'))).toBe(1)
  })

  test('has nothing kept that was read before it was heard', async () => {
    const cache = cacheOf({ isHearing: false })
    store.gate()
    const late = cache.find('a')
    store.watchers.heard()
    await store.open()
    await late
    expect(await readsOf(() => cache.find('a'))).toBe(1)
  })

  test('is told of once each time, with the error, and so is its return', () => {
    cacheOf({ isHearing: false })
    const error = new Error('cut')
    for (let attempt = 0; attempt < 3; attempt++) store.watchers.lost(error)
    expect(events).toEqual([{ type: 'api-key.cache_paused', error }])
    for (let time = 0; time < 2; time++) store.watchers.heard()
    expect(events.slice(1)).toEqual([{ type: 'api-key.cache_resumed' }])
  })
})

test('a read that fails is passed on, and the next one asks again', async () => {
  const cache = cacheOf()
  const { find } = store
  store.find = () => Promise.reject(new Error('down'))
  await expect(cache.find('a')).rejects.toThrow('down')
  store.find = find
  expect(await cache.find('a')).toMatchObject({ id: 'a' })
})
