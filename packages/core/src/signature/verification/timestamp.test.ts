import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TimestampUnit } from '../scheme-model/scheme.js'
import { formatTimestamp, judgeTime, parseTimestamp } from './timestamp.js'

describe('a time is read', () => {
  test.each<[TimestampUnit, string, number]>([
    ['s', '0', 0],
    ['s', '1614265330', 1614265330_000],
    ['s', '999999999999', 999999999999_000],
    ['ms', '1614265330123', 1614265330123],
    ['rfc3339', '2021-02-25T15:02:10Z', 1614265330_000],
    ['rfc3339', '2021-02-25T15:02:10.123456789Z', 1614265330_123],
    ['rfc3339', '2021-02-25T08:02:10-07:00', 1614265330_000],
    ['rfc3339', '2021-02-25T20:47:10.5+05:45', 1614265330_500],
    ['rfc3339', '2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['imf-fixdate', 'Thu, 25 Feb 2021 15:02:10 GMT', 1614265330_000],
  ])('as %s from %s', (unit, text, ms) => {
    expect(parseTimestamp(text, unit)).toBe(ms)
  })
})

describe('no time is read', () => {
  test.each([
    '',
    ' ',
    'hello',
    'NaN',
    'Infinity',
    '1e9',
    '0x60',
    '+1',
    '-1',
    '01',
    '00',
    '1.0',
    '1,2',
    '1 ',
    ' 1',
    '１',
  ])('in seconds or milliseconds from %j', (text) => {
    expect(parseTimestamp(text, 's')).toBeUndefined()
    expect(parseTimestamp(text, 'ms')).toBeUndefined()
  })

  test('in seconds or milliseconds from more digits than a time has', () => {
    expect(parseTimestamp('1'.repeat(13), 's')).toBeUndefined()
    expect(parseTimestamp('1'.repeat(16), 'ms')).toBeUndefined()
    expect(parseTimestamp('9'.repeat(100_000), 's')).toBeUndefined()
  })

  test.each([
    '2021-02-25',
    '2021-02-25T15:02:10',
    '2021-02-25 15:02:10Z',
    '2021-02-25t15:02:10z',
    '2021-02-29T15:02:10Z',
    '2021-13-01T15:02:10Z',
    '2021-02-25T24:00:00Z',
    '2021-02-25T15:60:00Z',
    '2021-02-25T15:02:60Z',
    '2021-02-25T15:02:10.Z',
    '2021-02-25T15:02:10.1234567890Z',
    '2021-02-25T15:02:10+24:00',
    '+002021-02-25T15:02:10Z',
  ])('by RFC 3339 from %j', (text) => {
    expect(parseTimestamp(text, 'rfc3339')).toBeUndefined()
  })

  test.each([
    'Fri, 25 Feb 2021 15:02:10 GMT',
    'Wed, 31 Jun 2021 15:02:10 GMT',
    'Thu, 25 feb 2021 15:02:10 GMT',
    'Thu, 25 Feb 2021 15:02:10 UTC',
    'Thursday, 25-Feb-21 15:02:10 GMT',
    'Thu Feb 25 15:02:10 2021',
  ])('as a fixdate from %j', (text) => {
    expect(parseTimestamp(text, 'imf-fixdate')).toBeUndefined()
  })
})

describe('the tolerance', () => {
  const signedAt = 1_614_265_330_000

  test.each<[string, number, ReturnType<typeof judgeTime>]>([
    ['now', 0, undefined],
    ['old, on the border', 300_000, undefined],
    ['old, within the second of the border', 300_999, undefined],
    ['old, past the border', 301_000, 'stale'],
    ['in the future, on the border', -300_000, undefined],
    ['in the future, past the border', -301_000, 'future'],
  ])('of a time in whole seconds that is %s', (_, ageMs, verdict) => {
    expect(judgeTime(signedAt, signedAt + ageMs, 's', 300)).toBe(verdict)
  })

  test.each<[string, number, ReturnType<typeof judgeTime>]>([
    ['old, on the border', 300_000, undefined],
    ['old, a millisecond past the border', 300_001, 'stale'],
    ['in the future, on the border', -300_000, undefined],
    ['in the future, a millisecond past the border', -300_001, 'future'],
  ])('of a time in milliseconds that is %s', (_, ageMs, verdict) => {
    expect(judgeTime(signedAt, signedAt + ageMs, 'ms', 300)).toBe(verdict)
  })

  test('lets nothing in by a clock that answers no number', () => {
    expect(judgeTime(signedAt, Number.NaN, 's', 300)).toBe('stale')
    expect(judgeTime(signedAt, signedAt, 's', Number.NaN)).toBe('stale')
  })
})

test.each<TimestampUnit>(['s', 'ms', 'rfc3339', 'imf-fixdate'])('what is written as %s is read again', (unit) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (ms) => {
      const read = parseTimestamp(formatTimestamp(ms, unit), unit)
      expect(read).toBe(unit === 's' || unit === 'imf-fixdate' ? Math.floor(ms / 1000) * 1000 : ms)
    }),
  )
})
