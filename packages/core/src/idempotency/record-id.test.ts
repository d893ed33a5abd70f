import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lengthPrefixed, type RecordScope, recordId, scopeId } from './record-id.js'

const scope: fc.Arbitrary<RecordScope> = fc.oneof(
  fc.constant<RecordScope>({ kind: 'everyone' }),
  fc.record({ kind: fc.constantFrom('caller' as const, 'custom' as const), value: fc.string({ unit: 'binary' }) }),
)

describe('the id of a record', () => {
  test('is SHA-256 over length-prefixed parts', () => {
    const covered = '19:"latchkey record 1"8:"caller"7:"alice"3:"k"'
    expect(recordId({ kind: 'caller', value: 'alice' }, 'k')).toBe(
      createHash('sha256').update(covered).digest('base64url'),
    )
  })

  test('keeps tenant a with key b:c apart from tenant a:b with key c', () => {
    expect(recordId({ kind: 'custom', value: 'a' }, 'b:c')).not.toBe(recordId({ kind: 'custom', value: 'a:b' }, 'c'))
  })

  test('keeps everyone apart from a caller of that name', () => {
    const ids = [
      recordId({ kind: 'everyone' }, 'k'),
      recordId({ kind: 'caller', value: 'everyone' }, 'k'),
      recordId({ kind: 'custom', value: 'everyone' }, 'k'),
    ]
    expect(new Set(ids).size).toBe(3)
  })

  test('keeps different bytes apart: composed and decomposed letters, lone surrogates', () => {
    const keys = ['\u00e9', 'e\u0301', '\ud800', '\ud801', '\ufffd']
    expect(new Set(keys.map((value) => recordId({ kind: 'custom', value }, 'k'))).size).toBe(keys.length)
  })

  test('is another under a secret, and under another secret', () => {
    const ids = [undefined, 'secret one of two', 'secret two of two'].map((secret) =>
      recordId({ kind: 'everyone' }, 'k', secret),
    )
    expect(new Set(ids).size).toBe(3)
    expect(recordId({ kind: 'everyone' }, 'k', Buffer.from('secret one of two'))).toBe(ids[1])
  })

  test('is as long as the store expects', () => {
    expect(recordId({ kind: 'everyone' }, 'k')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(scopeId({ kind: 'everyone' })).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test('is equal for equal scopes and keys alone', () => {
    fc.assert(
      fc.property(scope, fc.string(), scope, fc.string(), (scopeA, keyA, scopeB, keyB) => {
        const isEqual = JSON.stringify([scopeA, keyA]) === JSON.stringify([scopeB, keyB])
        expect(recordId(scopeA, keyA) === recordId(scopeB, keyB)).toBe(isEqual)
      }),
    )
  })

  test('no two lists of parts read the same', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', '"', ':', '1', '\\') }), { maxLength: 3 })
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(lengthPrefixed(a) === lengthPrefixed(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: 1000 },
    )
  })
})
