import { expect, test, vi } from 'vitest'
import { KeyCache, type KeyCacheRules } from './key-cache.js'
import { handClock } from './key-host.test.kit.js'
import { KeyHostError } from './key-host-error.js'

function cache(load: (id: string) => Promise<string | undefined>, more: Partial<KeyCacheRules<string>> = {}) {
  const clock = handClock()
  const loaded = vi.fn(load)
  const failed = vi.fn()
  const keys = new KeyCache<string>({
    load: loaded,
    now: clock.now,
    maxAgeSeconds: 3600,
    negativeSeconds: 300,
    retryAfterSeconds: 5,
    maxConcurrentFetches: 4,
    maxFetchesPerMinute: 30,
    maxKeys: 100,
    maxMisses: 1000,
    failed,
    ...more,
  })
  return { clock, loaded, failed, keys }
}

const known = async (id: string) => (id.startsWith('k') ? `key of ${id}` : undefined)

test('a key is fetched once, however many wait for it, and kept until it is old', async () => {
  const { keys, loaded, clock } = cache(known)
  const found = await Promise.all(Array.from({ length: 500 }, () => keys.find('k')))
  expect(new Set(found)).toEqual(new Set(['key of k']))
  clock.advance(3599)
  await keys.find('k')
  expect(loaded).toHaveBeenCalledTimes(1)
  clock.advance(1)
  await keys.find('k')
  expect(loaded).toHaveBeenCalledTimes(2)
})

test('what names no key is asked for once in a while', async () => {
  const { keys, loaded, clock } = cache(known)
  for (let index = 0; index < 10; index++) expect(await keys.find('no')).toBeUndefined()
  clock.advance(299)
  await keys.find('no')
  expect(loaded).toHaveBeenCalledTimes(1)
  clock.advance(1)
  await keys.find('no')
  expect(loaded).toHaveBeenCalledTimes(2)
})

test('a host that failed is told once, is left alone for a while, and is asked again after it', async () => {
  let isUp = false
  const error = new KeyHostError('status', 'down')
  const { keys, loaded, failed, clock } = cache(async () => {
    if (isUp) return 'key'
    throw error
  })
  await Promise.all([expect(keys.find('k')).rejects.toBe(error), expect(keys.find('k')).rejects.toBe(error)])
  await expect(keys.find('k')).rejects.toBe(error)
  expect(loaded).toHaveBeenCalledTimes(1)
  expect(failed.mock.calls).toEqual([[error]])
  isUp = true
  clock.advance(5)
  expect(await keys.find('k')).toBe('key')
})

test('whatever is thrown over a key is a failure of its host', async () => {
  const cause = new SyntaxError('no JSON')
  const { keys } = cache(() => Promise.reject(cause))
  await expect(keys.find('k')).rejects.toMatchObject({ name: 'KeyHostError', fault: 'malformed', cause })
})

test('ten thousand ids that are made up cost thirty fetches a minute, and no key that is known', async () => {
  const { keys, loaded, clock } = cache(known)
  expect(await keys.find('k1')).toBe('key of k1')
  let refused = 0
  for (let index = 0; index < 10_000; index++) {
    await keys.find(`x${index}`).catch((error: KeyHostError) => {
      expect(error.fault).toBe('busy')
      refused += 1
    })
  }
  expect(loaded).toHaveBeenCalledTimes(30)
  expect(refused).toBe(10_000 - 29)
  expect(await keys.find('k1')).toBe('key of k1')
  clock.advance(60)
  expect(await keys.find('k2')).toBe('key of k2')
})

test('no more than four hosts are waited for at once', async () => {
  const waiting: ((key: undefined) => void)[] = []
  const { keys, loaded } = cache(() => new Promise((resolve) => waiting.push(resolve)))
  const first = ['a', 'b', 'c', 'd'].map((id) => keys.find(id))
  await expect(keys.find('e')).rejects.toMatchObject({ fault: 'busy' })
  const again = keys.find('a')
  expect(loaded).toHaveBeenCalledTimes(4)
  for (const resolve of waiting) resolve(undefined)
  await Promise.all([...first, again])
  void keys.find('e')
  expect(loaded).toHaveBeenCalledTimes(5)
})

test('of more keys than are kept those used last stay, whatever the ids are that name none', async () => {
  const { keys, loaded } = cache(known, { maxKeys: 2, maxMisses: 2, maxFetchesPerMinute: 1000 })
  await keys.find('k1')
  await keys.find('k2')
  await keys.find('k1')
  await keys.find('k3')
  for (let index = 0; index < 50; index++) await keys.find(`x${index}`)
  loaded.mockClear()
  await keys.find('k1')
  await keys.find('k3')
  await keys.find('x49')
  expect(loaded).not.toHaveBeenCalled()
  await keys.find('k2')
  await keys.find('x1')
  expect(loaded.mock.calls).toEqual([['k2'], ['x1']])
})

test('a clock that is set back does not shut the cache for longer than a minute', async () => {
  const { keys, clock } = cache(known, { maxFetchesPerMinute: 1 })
  await keys.find('k1')
  clock.advance(-86_400)
  expect(await keys.find('k2')).toBe('key of k2')
})
