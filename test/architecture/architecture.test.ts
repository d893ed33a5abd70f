import { describe, expect, test } from 'vitest'
import * as code from './code-rules.js'
import * as dependency from './dependency-rules.js'
import { repository } from './source.js'
import * as tree from './tree-rules.js'

const typescript = repository('.ts')
const everything = repository('.ts', '.js', '.mjs', '.json', '.md', '.yml', '.sql', '/run')

describe('what imports what', () => {
  test.each(Object.entries(dependency))('%s', (_, rule) => {
    expect(rule(typescript)).toEqual([])
  })
})

describe('what the code says', () => {
  test.each(Object.entries(code))('%s', (_, rule) => {
    expect(rule(typescript)).toEqual([])
  })
})

describe('what the tree looks like', () => {
  test.each(Object.entries(tree))('%s', (_, rule) => {
    expect(rule(everything)).toEqual([])
  })
})

test('the files are found at all', () => {
  expect(typescript.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'packages/core/src/guard.ts',
      'packages/core/src/crypto.ts',
      'test/architecture/source.ts',
    ]),
  )
})
