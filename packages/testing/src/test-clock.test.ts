import { memoryStore } from '@latchkey/core'
import { expect, test } from 'vitest'
import { testClock } from './test-clock.js'

test('a clock stands still until it is advanced, or set back', () => {
  const clock = testClock()
  expect(clock.now()).toBe(1_767_225_600_000)
  clock.advanceSeconds(1.5)
  expect(clock.now()).toBe(1_767_225_601_500)
  for (let tenth = 0; tenth < 10; tenth++) clock.advanceSeconds(0.1)
  expect(clock.now()).toBe(1_767_225_602_500)
  clock.advanceSeconds(-2.5)
  expect(clock.now()).toBe(1_767_225_600_000)
})

test('its now is handed in alone', async () => {
  const clock = testClock(7000)
  const { tokens } = memoryStore({ now: clock.now })
  const record = { id: 'a', subject: 's', purpose: 'p', data: '{}' }
  expect(await tokens.insert(record, 60, false)).toBe(67_000)
  clock.advanceSeconds(60)
  expect(await tokens.consume('a')).toBeUndefined()
})

test('what is no number is refused, and the clock stays', () => {
  const clock = testClock(7000)
  expect(() => clock.advanceSeconds(Number.NaN)).toThrow('"seconds" must be a finite number, it is NaN')
  expect(() => testClock(Number.POSITIVE_INFINITY)).toThrow('"startMs" must be a finite number')
  expect(clock.now()).toBe(7000)
})
