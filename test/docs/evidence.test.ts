import { describe, expect, test } from 'vitest'
import { repository } from '../architecture/source.js'
import { isTest, namedIn, rows } from './claimed-tests.js'

const text = (path: string) => repository('.md').find((source) => source.path === path)!.text

describe.each([
  ['docs/threat-model.md', 'Threats', 30],
  ['docs/asvs.md', 'Requirements', 40],
])('%s, %s', (path, heading, least) => {
  const claims = rows(text(path), heading)

  test('every row names the tests that show it', () => {
    expect(claims.length).toBeGreaterThanOrEqual(least)
    expect(claims.filter((row) => namedIn(row.at(-1)!).length === 0)).toEqual([])
  })

  test('they exist', () => {
    const named = claims.flatMap((row) => namedIn(row.at(-1)!))
    expect(named.filter((name) => !isTest(name))).toEqual([])
  })
})

test('the threats are of all six kinds, in their order', () => {
  const kinds = rows(text('docs/threat-model.md'), 'Threats').map(([kind]) => kind)
  expect([...new Set(kinds)].join('')).toBe('STRIDE')
})

test('every requirement is given by version and number, once, in order', () => {
  const numbers = rows(text('docs/asvs.md'), 'Requirements').map(([requirement]) => requirement!)
  expect(numbers.filter((number) => !/^v5\.0\.0-\d{1,2}\.\d{1,2}\.\d{1,2}$/.test(number))).toEqual([])
  const sorted = [...new Set(numbers)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  expect(numbers).toEqual(sorted)
})

test('a claim is whole, or says what is left to the application', () => {
  const claims = rows(text('docs/asvs.md'), 'Requirements').map(([, , claim]) => claim!)
  expect(claims.filter((claim) => !/^whole(, .+)?$|^part: .+/.test(claim))).toEqual([])
})

test('a name that no test has is found', () => {
  expect(isTest(['nobody', 'has', 'written', 'this', 'test'].join(' '))).toBe(false)
})
