import { expect, test } from 'vitest'
import { Recent } from './recent.js'

test('an id is new once in a span', () => {
  const recent = new Recent(1000, 10)
  expect(recent.admit('a', 0)).toBe(true)
  expect(recent.admit('a', 999)).toBe(false)
  expect(recent.admit('a', 1000)).toBe(true)
  expect(recent.admit('a', 1999)).toBe(false)
  recent.forget('a')
  expect(recent.admit('a', 1999)).toBe(true)
})

test('of more ids than it remembers the oldest is new again', () => {
  const recent = new Recent(1000, 2)
  for (const id of ['a', 'b', 'c']) expect(recent.admit(id, 0)).toBe(true)
  expect(recent.admit('c', 1)).toBe(false)
  expect(recent.admit('b', 1)).toBe(false)
  expect(recent.admit('a', 1)).toBe(true)
})
