import { apiKeys, memoryStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { leakScanner } from './leak-scanner.js'

async function newKey(prefix: string): Promise<{ key: string; id: string }> {
  const { key, info } = await apiKeys({ store: memoryStore(), prefix }).issue({ ownerId: 'o' })
  return { key, id: info.id }
}

describe('leaks in a text that is cut anywhere', () => {
  test.each([
    ['configured prefixes', ['acme_pay']],
    ['any prefix', undefined],
  ])('%s', async (_, prefixes) => {
    const { key, id } = await newKey('acme_pay')
    const text = `${'x'.repeat(300)}\n\n  const key_=x_${key};${key}\nend`
    for (let size = 1; size <= text.length; size += 7) {
      const scanner = leakScanner(prefixes)
      const found = []
      for (let at = 0; at < text.length; at += size) found.push(...scanner.scan(text.slice(at, at + size)))
      const shown = { prefix: 'acme_pay', keyId: id, isGenuine: true, line: 3 }
      expect(found, `pieces of ${size}`).toMatchObject([
        { ...shown, column: 16 },
        { ...shown, column: 17 + key.length },
      ])
    }
  })
})

test('without prefixes only a right checksum makes a key', async () => {
  const { key } = await newKey('acme')
  const wrong = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0')
  expect(leakScanner(undefined).scan(wrong)).toEqual([])
  expect(leakScanner(['acme']).scan(wrong)).toMatchObject([{ isGenuine: false }])
})
