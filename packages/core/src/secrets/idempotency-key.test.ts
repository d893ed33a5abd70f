import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigurationError } from '../errors.js'
import { idempotencyKey } from './idempotency-key.js'

const at = (timeMs: number) => idempotencyKey({ now: () => timeMs })

test('an idempotency key is a UUIDv7', () => {
  expect(idempotencyKey()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('the time of RFC 9562’s own example stands where the example has it', () => {
  // RFC 9562 appendix A.6: 2022-02-22 19:22:22 UTC, 017F22E2-79B0-7CC3-98C4-DC0C0C07398F.
  expect(at(1645557742000)).toMatch(/^017f22e2-79b0-7/)
})

test('later keys sort after earlier ones', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 2 }), (timeMs) => {
      expect(at(timeMs) < at(timeMs + 1)).toBe(true)
    }),
  )
})

test('keys of one millisecond are all different', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => at(1)))).toHaveProperty('size', 10_000)
})

test.each([-1, Number.NaN, 2 ** 48, Number.POSITIVE_INFINITY])('a clock that shows %s is refused', (timeMs) => {
  expect(() => at(timeMs)).toThrow(ConfigurationError)
})
