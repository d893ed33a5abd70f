import { describe, expect, test } from 'vitest'
import { FailedAttempts, sourceOf } from './failed-attempts.js'

const rule = { limit: 3, windowSeconds: 60 }
const start = Date.UTC(2026, 0, 1)

describe('the source of an address', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::192.0.2.7', '0:0:0:0::/64'],
  ])('%s is %s', (address, source) => {
    expect(sourceOf(address)).toBe(source)
  })

  test.each([undefined, '', 'unknown', '192.0.2', '192.0.2.256', '192.0.2.7:80', '[::1]', '1::2::3', ':'.repeat(1000)])(
    '%s has none',
    (address) => {
      expect(sourceOf(address)).toBeUndefined()
    },
  )
})

describe('failed attempts', () => {
  test('hold off their source from the limit to the end of the window, and no other source', () => {
    const failed = new FailedAttempts()
    for (let failure = 1; failure <= 3; failure++) {
      expect(failed.secondsLeft('192.0.2.7', rule, start)).toBe(0)
      failed.note('192.0.2.7', rule, start + failure)
    }
    expect(failed.secondsLeft('192.0.2.7', rule, start + 3)).toBe(60)
    expect(failed.secondsLeft('192.0.2.8', rule, start + 3)).toBe(0)
    expect(failed.secondsLeft('192.0.2.7', rule, start + 60_000)).toBe(1)
    expect(failed.secondsLeft('192.0.2.7', rule, start + 60_001)).toBe(0)
  })

  test('of another window begin from nothing', () => {
    const failed = new FailedAttempts()
    for (const at of [0, 1, 2, 60_000, 60_001]) failed.note('192.0.2.7', rule, start + at)
    expect(failed.secondsLeft('192.0.2.7', rule, start + 60_001)).toBe(0)
    failed.note('192.0.2.7', rule, start + 60_002)
    expect(failed.secondsLeft('192.0.2.7', rule, start + 60_002)).toBe(60)
  })

  test('of one /64 count together, and of another apart', () => {
    const failed = new FailedAttempts()
    for (const last of [':1', ':2', 'ffff:ffff:ffff:ffff']) failed.note(`2001:db8:1:2:${last}`, rule, start)
    expect(failed.secondsLeft('2001:db8:1:2::9', rule, start)).toBe(60)
    expect(failed.secondsLeft('2001:db8:1:3::9', rule, start)).toBe(0)
  })

  test('hold nobody off until a clock that was set back has caught up', () => {
    const failed = new FailedAttempts()
    for (let failure = 0; failure < 3; failure++) failed.note('192.0.2.7', rule, start)
    expect(failed.secondsLeft('192.0.2.7', rule, start - 3_600_000)).toBe(0)
    failed.note('192.0.2.7', rule, start - 3_600_000)
    expect(failed.secondsLeft('192.0.2.7', rule, start)).toBe(0)
  })

  test('from ever more sources have the oldest forgotten, and the latest kept', () => {
    const failed = new FailedAttempts()
    const once = { limit: 1, windowSeconds: 60 }
    const address = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
    for (let index = 0; index <= 100_000; index++) failed.note(address(index), once, start)
    expect(failed.secondsLeft(address(0), once, start)).toBe(0)
    expect(failed.secondsLeft(address(1001), once, start)).toBe(60)
    expect(failed.secondsLeft(address(100_000), once, start)).toBe(60)
  })
})
