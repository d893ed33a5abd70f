import { expect, test } from 'vitest'
import { makeRoom } from './make-room.js'

const filled = (count: number) => new Set(Array.from({ length: count }, (_, index) => index))

test('nothing goes while there is room', () => {
  const set = filled(200)
  makeRoom(set, 200)
  expect(set.size).toBe(200)
})

test('of few the one that has been there longest goes', () => {
  const set = filled(4)
  makeRoom(set, 3)
  expect([...set]).toEqual([1, 2, 3])
})

test('of many a hundredth goes, those that have been there longest', () => {
  const map = new Map([...filled(1001)].map((index) => [index, index]))
  makeRoom(map, 1000)
  expect([map.size, map.keys().next().value]).toEqual([990, 11])
})
