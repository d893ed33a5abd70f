import { claimedSchemes, type SignatureVector } from '@latchkey/conformance'
import { exposedHeaders } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { repository } from '../architecture/source.js'
import { isTest, namedIn, rows } from './claimed-tests.js'

const sources = repository('.md', '.ts', 'signatures.json')
const text = (path: string) => sources.find((source) => source.path === path)!.text

describe('the table of what survives', () => {
  const cells = rows(text('docs/idempotency.md'), 'What survives').flatMap(([, ...claims]) => claims)

  test('names a test in each cell, or claims nothing', () => {
    expect(cells.length).toBeGreaterThan(10)
    expect(cells.filter((cell) => !/“[^”]+”|the same test|^not claimed/.test(cell))).toEqual([])
  })

  test('names tests that exist', () => {
    const names = cells.flatMap(namedIn)
    expect(names.filter((name) => !isTest(name))).toEqual([])
    expect(isTest('no suite has a test of this name'.split(' ').reverse().join(' '))).toBe(false)
  })
})

test('the table of presets lists every preset, with the number of its vectors', () => {
  const vectors = JSON.parse(text('test/vectors/signatures.json')) as SignatureVector[]
  const nameOf = (scheme: string) =>
    scheme === 'static-token'
      ? 'staticHeader'
      : scheme.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const counts = [...claimedSchemes().keys()].map(
    (scheme) => `${nameOf(scheme)}: ${vectors.filter((vector) => vector.scheme === scheme).length}`,
  )
  const listed = rows(text('docs/signatures.md'), 'Presets').map(
    ([name, , , , origin]) => `${name?.replaceAll('`', '')}: ${origin?.split(':')[0]}`,
  )
  expect(listed.sort()).toEqual(counts.sort())
})

test('the fields to expose to browsers are those in the code', () => {
  expect(text('docs/idempotency.md')).toContain(`Access-Control-Expose-Headers: ${exposedHeaders.join(', ')}\n`)
})
