import { expect, test } from 'vitest'
import { TokenSource } from './token-source.js'

test('no token comes twice, across draws', () => {
  const source = new TokenSource(8)
  const tokens = Array.from({ length: 100 }, () => source.next())
  expect(new Set(tokens).size).toBe(100)
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{22}$/)
})
