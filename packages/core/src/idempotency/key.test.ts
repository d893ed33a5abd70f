import { describe, expect, test } from 'vitest'
import { parseKey } from './key.js'
import { keyCreatedAtMs } from './key-age.js'

describe('the key in an Idempotency-Key field', () => {
  test.each([
    ['bare', 'order-1', 'order-1'],
    ['quoted', '"order-1"', 'order-1'],
    ['quoted with an escaped quote', '"a\\"b"', 'a"b'],
    ['quoted with an escaped backslash', '"a\\\\b"', 'a\\b'],
    ['bare with a backslash, which is itself', 'a\\b', 'a\\b'],
    ['quoted with a comma and a space', '"a, b"', 'a, b'],
    ['quoted with spaces around, which are kept', '" a "', ' a '],
    ['percent signs are not decoded', '%41%00', '%41%00'],
    ['case is kept', 'AbC', 'AbC'],
    ['names of Object.prototype', '__proto__', '__proto__'],
    [
      'every visible character but quote and comma',
      "!#$%&'()*+-./09:;<=>?@AZ[\\]^_`az{|}~",
      "!#$%&'()*+-./09:;<=>?@AZ[\\]^_`az{|}~",
    ],
    ['255 bytes', 'k'.repeat(255), 'k'.repeat(255)],
    ['255 bytes, each escaped', `"${'\\"'.repeat(255)}"`, '"'.repeat(255)],
  ])('%s', (_, field, key) => {
    expect(parseKey(field, false)).toBe(key)
  })

  test.each([
    ['empty', ''],
    ['an empty string', '""'],
    ['blank', '   '],
    ['a blank string', '"   "'],
    ['256 bytes', 'k'.repeat(256)],
    ['256 bytes quoted', `"${'k'.repeat(256)}"`],
    ['15 kilobytes', 'k'.repeat(15_000)],
    ['a space inside', 'a b'],
    ['a space before', ' a'],
    ['two joined fields', 'a, b'],
    ['two joined strings', '"a", "b"'],
    ['an open quote', '"a'],
    ['a quote alone', '"'],
    ['a quote inside', 'a"b'],
    ['a quote inside a string', '"a"b"'],
    ['a string with a parameter', '"a";v=1'],
    ['another escape', '"a\\nb"'],
    ['an escape at the end', '"a\\"'],
    ['NUL', 'a\0'],
    ['a line break', 'a\r\nb'],
    ['a line break at the end', 'a\n'],
    ['DEL', 'a\x7f'],
    ['DEL in a string', '"a\x7f"'],
    ['Latin-1', 'caf\xe9'],
    ['UTF-8 as Node hands it over', 'caf\xc3\xa9'],
    ['a character over 0xff', 'a\u200b'],
  ])('%s is no key', (_, field) => {
    expect(parseKey(field, false)).toBeUndefined()
  })

  test('strict syntax takes the quoted form alone', () => {
    expect(parseKey('"k"', true)).toBe('k')
    expect(parseKey('k', true)).toBeUndefined()
  })
})

describe('the age of a key', () => {
  test.each([
    // RFC 9562 appendix A.6: 2022-02-22T19:22:22.000Z.
    ['a UUIDv7', '017F22E2-79B0-7CC3-98C4-DC0C0C07398F', 1_645_557_742_000],
    // The ULID specification's own example.
    ['a ULID', '01ARZ3NDEKTSV4RRFFQ69G5FAV', 1_469_922_850_259],
    ['a ULID in lower case', '01arz3ndektsv4rrffq69g5fav', 1_469_922_850_259],
    ['a UUIDv4', '919108f7-52d1-4320-9bac-f847db4148a8', undefined],
    ['a ULID over 48 bits', '8ZZZZZZZZZZZZZZZZZZZZZZZZZ', undefined],
    ['anything else', 'order-1', undefined],
  ])('%s', (_, key, createdAtMs) => {
    expect(keyCreatedAtMs(key)).toBe(createdAtMs)
  })
})
