import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isGranted, isScope, isScopeGrant, mayHandOn } from './scopes.js'

const segment = fc.stringMatching(/^[a-z0-9_.-]{1,6}$/)
const segments = fc.array(segment, { minLength: 1, maxLength: 4 })

describe('a scope', () => {
  test.each(['a', 'payments:read', 'payments:refunds:read', 'a:b:c:d', 'v1.0:x-y_z', '0'])('is %s', (text) => {
    expect(isScope(text)).toBe(true)
    expect(isScopeGrant(text)).toBe(true)
  })

  test.each([
    '',
    ':',
    'a:',
    ':a',
    'a::b',
    'a:b:c:d:e',
    'A:b',
    'a b',
    'a:b\n',
    'ä',
    'a'.repeat(129),
    5,
    null,
    undefined,
  ])('is not %j, not even as a grant', (text) => {
    expect(isScope(text)).toBe(false)
    expect(isScopeGrant(text)).toBe(false)
  })
})

describe('a grant', () => {
  test.each(['*', 'payments:*', '*:read', '*:*', 'a:*:c:*'])('may be %s, a requirement may not', (text) => {
    expect(isScopeGrant(text)).toBe(true)
    expect(isScope(text)).toBe(false)
  })

  test.each(['pay*', 'payments:re*', '**', '*a:b', 'a:*b', '*:*:*:*:*'])('%s is none: * is a whole segment', (text) => {
    expect(isScopeGrant(text)).toBe(false)
  })
})

describe('what is granted', () => {
  test.each([
    [['payments:read'], 'payments:read', true],
    [['payments:read'], 'payments:write', false],
    [['payments:*'], 'payments:read', true],
    [['payments:*'], 'payments', false],
    [['payments:*'], 'payments:refunds:read', false],
    [['payments:*:read'], 'payments:refunds:read', true],
    [['*:read'], 'payments:read', true],
    [['*:read'], 'read', false],
    [['*:*'], 'payments', false],
    [['*'], 'payments', true],
    [['*'], 'a:b:c:d', true],
    [[], 'payments:read', false],
    [[''], 'payments:read', false],
    [['pay*'], 'payments', false],
    [['payments'], 'payments:read', false],
    [['payments:read:all'], 'payments:read', false],
    [['orders:read', 'payments:*'], 'payments:read', true],
    [['payments.read'], 'paymentsxread', false],
  ])('%j for %s: %s', (granted, required, expected) => {
    expect(isGranted(granted, required)).toBe(expected)
  })

  test('a scope grants itself and, of the same number of segments, nothing else', () => {
    fc.assert(
      fc.property(segments, segments, (one, other) => {
        const [grant, required] = [one.join(':'), other.join(':')]
        expect(isGranted([grant], grant)).toBe(true)
        expect(isGranted([grant], required)).toBe(grant === required)
      }),
    )
  })

  test('a * in any place grants whatever stands there, and nothing of another length', () => {
    fc.assert(
      fc.property(segments, segment, fc.nat(3), (parts, other, place) => {
        fc.pre(parts.length > 1)
        const at = place % parts.length
        const grant = parts.with(at, '*').join(':')
        expect(isGranted([grant], parts.with(at, other).join(':'))).toBe(true)
        expect(isGranted([grant], [...parts, other].slice(0, 4).join(':'))).toBe(parts.length === 4)
        expect(isGranted([grant], parts.slice(1).join(':'))).toBe(false)
      }),
    )
  })
})

describe('who has grants', () => {
  test.each([
    [['payments:*'], 'payments:read'],
    [['payments:*'], 'payments:*'],
    [['*'], '*'],
    [['*'], 'a:*:c'],
    [['*:*'], '*:read'],
  ])('of %j can hand on %s', (granted, grant) => {
    expect(mayHandOn(granted, grant)).toBe(true)
  })

  test.each([
    [['payments:read'], 'payments:*'],
    [['payments:*'], '*:read'],
    [['payments:*'], '*:*'],
    [['payments:*'], 'payments:*:*'],
    [['*:*'], '*'],
    [[], 'a'],
    [['*'], 'no scope'],
    [['*'], ''],
  ])('of %j cannot hand on %s', (granted, grant) => {
    expect(mayHandOn(granted, grant)).toBe(false)
  })

  test('can hand on nothing that lets more be done', () => {
    const wild = fc.array(fc.oneof(fc.constant('*'), fc.constantFrom('a', 'b')), { minLength: 1, maxLength: 3 })
    const plain = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 3 }), wild, plain, (granted, grant, required) => {
        const mine = granted.map((parts) => parts.join(':'))
        fc.pre(mayHandOn(mine, grant.join(':')) && isGranted([grant.join(':')], required.join(':')))
        expect(isGranted(mine, required.join(':'))).toBe(true)
      }),
    )
  })
})
