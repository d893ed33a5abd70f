import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from './json.js'

const canonical = (text: string) => canonicalJson(new TextEncoder().encode(text))

describe('canonical JSON', () => {
  test.each([
    ['white space goes', ' { "a" : [ 1 ,\t2 ]\r\n} ', '{"a":[1,2]}'],
    ['members are sorted, at every depth', '{"b":{"d":1,"c":2},"a":3}', '{"a":3,"b":{"c":2,"d":1}}'],
    ['elements are not', '[3,1,2]', '[3,1,2]'],
    ['numbers keep their text', '[1.0,1,1e2,-0,9007199254740993]', '[1.0,1,1e2,-0,9007199254740993]'],
    ['strings keep their escapes', '["A","\\u0041","\\/","/"]', '["A","\\u0041","\\/","/"]'],
    ['lone surrogates can be escaped', '"\\ud800"', '"\\ud800"'],
    [
      'names of Object.prototype are ordinary',
      '{"constructor":2,"__proto__":{"x":1}}',
      '{"__proto__":{"x":1},"constructor":2}',
    ],
    ['the empty ones', '[{},[],""]', '[{},[],""]'],
    ['a scalar', ' true ', 'true'],
    ['nesting of 64', `${'['.repeat(64)}${']'.repeat(64)}`, `${'['.repeat(64)}${']'.repeat(64)}`],
  ])('%s', (_, text, expected) => {
    expect(canonical(text)).toBe(expected)
  })

  test.each([
    ['nothing', ''],
    ['white space', '  '],
    ['a byte order mark', '\ufeff{}'],
    ['a name twice', '{"a":1,"a":1}'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a name twice, deep down', '[{"x":{"a":1,"b":2,"a":3}}]'],
    ['nesting over 64', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['nesting over 64 of objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`],
    ['nesting of a million', '['.repeat(1_000_000)],
    ['two values', '1 2'],
    ['a comma too many', '[1,]'],
    ['a comma too many in an object', '{"a":1,}'],
    ['no comma', '[1 2]'],
    ['no colon', '{"a" 1}'],
    ['a bare name', '{a:1}'],
    ['an open string', '"a'],
    ['an open array', '[1'],
    ['an open object', '{"a":1'],
    ['a control character', '"a\u0001"'],
    ['an unknown escape', '"\\x"'],
    ['a short escape', '"\\u12"'],
    ['a backslash at the end', '"\\'],
    ['a leading zero', '01'],
    ['a point at the end', '1.'],
    ['a plus sign', '+1'],
    ['NaN', 'NaN'],
    ['other white space', '\u00a01'],
    ['a comment', '1/**/'],
    ['single quotes', "'a'"],
  ])('%s has no canonical text', (_, text) => {
    expect(canonical(text)).toBeUndefined()
  })

  test('broken UTF-8 has no canonical text', () => {
    expect(canonicalJson(Uint8Array.of(0x22, 0xc3, 0x22))).toBeUndefined()
    expect(canonicalJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toBeUndefined()
  })

  test('it accepts what JSON.parse accepts, up to the depth and names', () => {
    const almostJson = fc.array(fc.constantFrom(...'{}[]:,"\\0123456789eE.+- \ttruefalsn/u\u0001é'.split('')))
    fc.assert(
      fc.property(almostJson, (characters) => {
        const text = characters.join('')
        expect(canonical(text) !== undefined).toBe(parses(text))
      }),
      { numRuns: 2000 },
    )
  })

  test('order and white space do not matter', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 0, max: 4 }), (value, space) => {
        expect(canonical(JSON.stringify(reversed(value), null, space))).toBe(canonical(JSON.stringify(value)))
      }),
    )
  })

  test('different values have different canonical texts', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
        const isEqual = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
        expect(canonical(JSON.stringify(a)) === canonical(JSON.stringify(b))).toBe(isEqual)
      }),
    )
  })

  test('the canonical text is its own canonical text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const once = canonical(JSON.stringify(value, null, 1))
        expect(canonical(once!)).toBe(once)
      }),
    )
  })
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The same value with the members of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return ordered(Object.entries(value).reverse(), reversed)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return ordered(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)),
    sorted,
  )
}

function ordered(entries: [string, unknown][], each: (value: unknown) => unknown): unknown {
  const target: Record<string, unknown> = Object.create(null)
  for (const [name, value] of entries) target[name] = each(value)
  return target
}
