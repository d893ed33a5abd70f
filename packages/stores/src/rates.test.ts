import { StoreError } from '@latchkey/core'
import { expect, test } from 'vitest'
import { Rates } from './rates.js'

const limit = { limit: 3, windowSeconds: 60 }

test('a count within the limit is allowed, one beyond is refused, and both tell when the window ends', async () => {
  const asked: unknown[] = []
  let requests = 0
  const rates = new Rates((...args) => {
    asked.push(args)
    return { requests: ++requests, leftMs: 1234 }
  })
  for (const remaining of [2, 1, 0]) {
    expect(await rates.count('m:1', limit)).toEqual({ isAllowed: true, remaining, resetMs: 1234 })
  }
  expect(await rates.count('m:1', limit)).toEqual({ isAllowed: false, remaining: 0, resetMs: 1234 })
  expect(await rates.count('m:1', { ...limit, limit: 6 })).toMatchObject({ isAllowed: true, remaining: 1 })
  expect(asked[0]).toEqual(['m:1', 3, 60_000])
  expect(asked).toHaveLength(5)
})

test.each([
  ['rejects', () => Promise.reject(new StoreError('timeout', 'too late'))],
  [
    'throws at once',
    () => {
      throw new StoreError('timeout', 'too late')
    },
  ],
])('a store that %s refuses nobody: its error comes through', async (_, count) => {
  await expect(new Rates(count).count('m', limit)).rejects.toEqual(new StoreError('timeout', 'too late'))
})
