import { describe, expect, test } from 'vitest'
import { durationSeconds, list, momentFrom, quotaFrom, rateFrom } from './quantities.js'

describe('a duration', () => {
  test.each([
    ['90d', 7_776_000],
    ['12h', 43_200],
    ['30m', 1800],
    ['45s', 45],
    ['45', 45],
    ['2w', 1_209_600],
    ['0', 0],
  ])('%s', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds)
  })

  test.each(['', '-1d', '1.5h', '1 d', '1D', 'd', '1d2h', '99999999999'])('is not %j', (text) => {
    expect(() => durationSeconds(text)).toThrow('A duration')
  })
})

describe('a moment', () => {
  const nowMs = Date.UTC(2026, 0, 1)
  test.each([
    ['2027-01-31', Date.UTC(2027, 0, 31)],
    ['2027-01-31T12:30', Date.UTC(2027, 0, 31, 12, 30)],
    ['2027-01-31T12:30:15.5+02:00', Date.UTC(2027, 0, 31, 10, 30, 15, 500)],
    ['1d', Date.UTC(2026, 0, 2)],
  ])('%s', (text, timeMs) => {
    expect(momentFrom(text, nowMs).getTime()).toBe(timeMs)
  })

  test.each(['2027-02-31', '2027-13-01', '31.1.2027', 'tomorrow', '1700000000', ''])('is not %j', (text) => {
    expect(() => momentFrom(text, nowMs)).toThrow('It is a date')
  })
})

test('a rate is requests and a window', () => {
  expect(rateFrom('100/1m')).toEqual({ limit: 100, windowSeconds: 60 })
  for (const text of ['100', '100/60/1', '/60', 'x/60']) expect(() => rateFrom(text), text).toThrow()
})

test('a quota comes back only where it says how often', () => {
  expect(quotaFrom('1000')).toEqual({ remaining: 1000 })
  expect(quotaFrom('1000/30d')).toEqual({ remaining: 1000, refill: { amount: 1000, everySeconds: 2_592_000 } })
})

test('a list grows with each use of its option, and has no empty parts', () => {
  expect(list('c, d,', list('a,b'))).toEqual(['a', 'b', 'c', 'd'])
})
