import { expect, test } from 'vitest'
import { limitFields } from './limit-fields.js'

const rate = { name: 'rate', limit: 100, windowSeconds: 60, remaining: 50, resetSeconds: 30 } as const
const quota = { name: 'quota', limit: 1000, windowSeconds: 86_400, remaining: 999, resetSeconds: 7 } as const

test('a limit is an item of a list, as in the draft', () => {
  expect(limitFields([rate])).toEqual([
    ['ratelimit', '"rate";r=50;t=30'],
    ['ratelimit-policy', '"rate";q=100;w=60'],
  ])
})

test('two limits are two items', () => {
  expect(limitFields([rate, quota])).toEqual([
    ['ratelimit', '"rate";r=50;t=30, "quota";r=999;t=7'],
    ['ratelimit-policy', '"rate";q=100;w=60, "quota";q=1000;w=86400'],
  ])
})

test('a quota that is never refilled has no policy, and no time to wait for', () => {
  const once = { name: 'quota', limit: null, windowSeconds: null, remaining: 0, resetSeconds: null } as const
  expect(limitFields([once])).toEqual([['ratelimit', '"quota";r=0']])
})

test('nothing that begins at once is left out', () => {
  expect(limitFields([{ ...rate, resetSeconds: 0 }])[0]).toEqual(['ratelimit', '"rate";r=50;t=0'])
})
