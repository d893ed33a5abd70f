import { claimedSchemes, type SignatureVector } from '@latchkey/conformance'
import { exposedHeaders } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { repository } from '../architecture/source.js'

const sources = repository('.md', '.ts', 'signatures.json')
const text = (path: string) => sources.find((source) => source.path === path)!.text
const suites = sources.filter(({ path }) => /\.test\.ts$|^packages\/conformance\/src\//.test(path))

/** The cells of the table under a heading, row by row, without its head. */
function rows(page: string, heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '').trim()))
}

/** Whether some suite has a test of this name, in which `…` stands for what a table of cases fills in. */
function isTest(name: string): boolean {
  const pattern = name
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^\n]+')
  return suites.some(({ text }) => new RegExp(pattern).test(text))
}

describe('the table of what survives', () => {
  const cells = rows(text('docs/idempotency.md'), 'What survives').flatMap(([, ...claims]) => claims)

  test('names a test in each cell, or claims nothing', () => {
    expect(cells.length).toBeGreaterThan(10)
    expect(cells.filter((cell) => !/“[^”]+”|the same test|^not claimed/.test(cell))).toEqual([])
  })

  test('names tests that exist', () => {
    const names = cells.flatMap((cell) => [...cell.matchAll(/“([^”]+)”/g)].map(([, name]) => name!))
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
