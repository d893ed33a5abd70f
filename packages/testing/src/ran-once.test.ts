import { AssertionError } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { counted } from './counted.js'
import { assertRanOnce } from './ran-once.js'

const once = { runs: 1 }
const reply = (body: string | Uint8Array = 'paid', headers: Record<string, string> = {}, status = 201) =>
  new Response(body, { status, headers })

describe('a counted function', () => {
  test('does what it did, and counts', () => {
    const till = {
      total: 0,
      add: counted(function (this: { total: number }, amount: number) {
        this.total += amount
        return this.total
      }),
    }
    expect([till.add(2), till.add(3), till.add.runs]).toEqual([2, 5, 2])
    till.add.reset()
    expect([till.add(1), till.add.runs]).toEqual([6, 1])
  })

  test('counts a call that throws', () => {
    const failing = counted(() => {
      throw new Error('declined')
    })
    expect(failing).toThrow('declined')
    expect(failing.runs).toBe(1)
  })

  test('keeps its name and how many parameters it has', () => {
    const onError = counted(function onError(_error: unknown, _req: unknown, _res: unknown, _next: unknown) {})
    expect([onError.name, onError.length]).toEqual(['onError', 4])
  })
})

describe('assertRanOnce', () => {
  test('one run, and the same replies save what belongs to one response', async () => {
    const first = reply('paid', { location: '/1', date: 'now', ratelimit: '"default";r=9' })
    const retry = reply('paid', { 'idempotent-replayed': 'true', date: 'later', location: '/1' })
    await assertRanOnce(once, [first, retry])
    expect(await first.text()).toBe('paid')
  })

  test('one run, and nobody asks for replies', async () => {
    await expect(assertRanOnce(once)).resolves.toBeUndefined()
  })

  test.each([0, 2])('%i runs are not one', async (runs) => {
    const failure = assertRanOnce({ runs })
    await expect(failure).rejects.toThrow(AssertionError)
    await expect(failure).rejects.toMatchObject({
      message: `It ran ${runs} times, and not once`,
      actual: runs,
      expected: 1,
    })
  })

  test.each([
    ['status', reply('paid', {}, 409)],
    ['headers', reply('paid', { location: '/2' })],
    ['body', reply('Paid')],
    ['body', reply(new Uint8Array([0xff]), { 'content-type': 'text/plain;charset=UTF-8' })],
  ])('a reply with another %s is told', async (part, other) => {
    await expect(assertRanOnce(once, [reply(), reply(), other])).rejects.toThrow(
      `Reply 3 differs from the first one in its ${part}`,
    )
  })

  test('replies of supertest: text, bytes, and parsed', async () => {
    const headers = { 'content-type': 'text/plain', date: 'now' }
    await assertRanOnce(once, [
      { status: 201, headers, text: 'é', body: {} },
      { status: 201, headers: { 'content-type': 'text/plain' }, body: new TextEncoder().encode('é') },
    ])
    const parsed = { status: 201, headers, body: { a: 1 } }
    await expect(assertRanOnce(once, [parsed, { ...parsed, body: { a: 2 } }])).rejects.toThrow('in its body')
  })

  test('replies as plain data', async () => {
    const plain = { status: 201, headers: [['Location', '/1']], body: new Uint8Array([1]) }
    await assertRanOnce(once, [plain, { ...plain, headers: { location: '/1' } }])
  })
})
