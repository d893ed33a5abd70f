import { expect, test } from 'vitest'
import { wordIn, writes } from './reply.js'

test.each(['ok', Buffer.from('ok')])('a word that was asked for is read, be it text or bytes', (reply) => {
  expect(wordIn(reply, writes)).toBe('ok')
})

test.each([[['claimed', 2]], [null], ['OK'], [1], [['ok']]])('%j is the reply to somebody else’s question', (reply) => {
  expect(() => wordIn(reply, writes)).toThrow(expect.objectContaining({ name: 'StoreError', fault: 'unavailable' }))
})
