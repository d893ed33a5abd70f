import { describe, expect, test } from 'vitest'
import { linearize } from './linearize.js'
import { type Call, lineOf, type Operation } from './operation.js'
import { RecordModel } from './record-model.js'
import { shrink } from './shrink.js'

const model = new RecordModel(0)

const claim = (token: string, changes: Partial<Call> = {}): Call =>
  ({ kind: 'claim', key: 'k', token, fingerprint: 'f', leaseMs: 20, ttlMs: 1000, takeOver: true, ...changes }) as Call
const settle = (token: string, content = token): Call => ({ kind: 'settle', key: 'k', token, content, ttlMs: 1000 })
const release = (token: string): Call => ({ kind: 'release', key: 'k', token })

/** An operation from one millisecond to another; without an end it was not answered. */
function saw(call: Call, beganMs: number, endedMs?: number, says?: string, remainingMs?: number): Operation {
  const began = beganMs * 100 + order++
  const answer = says === undefined ? {} : { answer: { says, ...(remainingMs !== undefined && { remainingMs }) } }
  return {
    client: 'c',
    call,
    began,
    beganMs,
    ...(endedMs !== undefined && { ended: endedMs * 100, endedMs }),
    ...answer,
  }
}
let order = 0

const isInOrder = (...history: Operation[]) => linearize(history, model).isLinearizable

describe('the search finds', () => {
  test('an order of what was asked at once, whichever was first', () => {
    expect(isInOrder(saw(claim('a'), 0, 5, 'running'), saw(claim('b'), 1, 4, 'claimed 1'))).toBe(true)
    expect(isInOrder(saw(claim('a'), 0, 5, 'claimed 1'), saw(claim('b'), 1, 4, 'claimed 1'))).toBe(false)
  })

  test('none for an answer that came before what explains it', () => {
    expect(isInOrder(saw(claim('a'), 0, 2, 'running'), saw(claim('b'), 3, 4, 'claimed 1'))).toBe(false)
  })

  test('none for a settlement by somebody who has been overtaken', () => {
    const before = [saw(claim('a'), 0, 2, 'claimed 1'), saw(claim('b'), 30, 32, 'claimed 2')]
    expect(isInOrder(...before, saw(settle('a'), 33, 34, 'stale'))).toBe(true)
    expect(isInOrder(...before, saw(settle('a'), 33, 34, 'ok'))).toBe(false)
  })

  test('that a lease can be taken over once it can have lapsed, and no earlier', () => {
    const first = saw(claim('a'), 0, 5, 'claimed 1')
    expect(isInOrder(first, saw(claim('b'), 6, 19, 'claimed 2'))).toBe(false)
    expect(isInOrder(first, saw(claim('b'), 6, 20, 'claimed 2'))).toBe(true)
    expect(isInOrder(first, saw(claim('b'), 24, 30, 'running'))).toBe(true)
    expect(isInOrder(first, saw(claim('b'), 25, 30, 'running'))).toBe(false)
  })

  test('that a lease goes on for as long as it was said to, or not', () => {
    const first = saw(claim('a'), 0, 5, 'claimed 1')
    expect(isInOrder(first, saw(claim('b'), 10, 12, 'running', 8))).toBe(true)
    expect(isInOrder(first, saw(claim('b'), 10, 12, 'running', 7))).toBe(false)
    expect(isInOrder(first, saw(claim('b'), 10, 12, 'running', 16))).toBe(false)
  })

  test('that what was not answered may have been carried out, at any time after it began', () => {
    const lost = saw(claim('a'), 10)
    expect(isInOrder(lost, saw(claim('b'), 50, 51, 'running'))).toBe(true)
    expect(isInOrder(lost, saw(claim('b'), 50, 51, 'claimed 1'))).toBe(true)
    expect(isInOrder(lost, saw(claim('b'), 50, 51, 'claimed 2'))).toBe(true)
    expect(isInOrder(saw(claim('b'), 0, 1, 'running'), lost)).toBe(false)
  })

  test('none where what was acknowledged is gone', () => {
    const settled = [saw(claim('a'), 0, 1, 'claimed 1'), saw(settle('a', 'r'), 2, 3, 'ok')]
    expect(isInOrder(...settled, saw(claim('b'), 4, 5, 'settled r'))).toBe(true)
    expect(isInOrder(...settled, saw(claim('b'), 4, 5, 'settled s'))).toBe(false)
    expect(isInOrder(...settled, saw(claim('b'), 4, 5, 'claimed 1'))).toBe(false)
    expect(isInOrder(...settled, saw(claim('b'), 900, 1003, 'claimed 1'))).toBe(true)
  })
})

test('a history is shrunk to what is wrong in it, and nothing goes that had an effect', () => {
  const history = [
    saw(claim('a'), 0, 1, 'claimed 1'),
    saw(claim('b'), 2, 3, 'running'),
    saw(release('b'), 4, 5, 'stale'),
    saw(release('a'), 6, 7, 'ok'),
    saw(claim('c'), 8, 9, 'claimed 1'),
    saw(settle('a'), 10, 12, 'ok'),
    saw(claim('d'), 11, 14, 'running'),
    saw(settle('c'), 15, 16, 'ok'),
  ]
  const said = (operations: readonly Operation[]) => operations.map(lineOf)
  const [claimA, , , releaseA, claimC, wrong, open] = history
  const { ended: _, endedMs: __, answer: ___, ...unanswered } = open!
  expect(said(shrink(history, model))).toEqual(said([claimA!, releaseA!, claimC!, wrong!, unanswered]))
})
