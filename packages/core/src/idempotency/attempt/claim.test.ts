import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StoreError } from '../../errors.js'
import type { Reply } from '../../guard.js'
import { type Fault, Rig, read, replyOf } from '../guard-rig.js'
import type { IdempotencyOptions } from '../options.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** A guard whose store answers claims so. */
function failing(fault: Fault[], options?: Partial<IdempotencyOptions>): Rig {
  const rig = new Rig(options)
  rig.store.faults.claim = fault
  return rig
}

/** The reply after so many milliseconds at most. */
async function after(ms: number, reply: Promise<Reply>): Promise<Reply> {
  await vi.advanceTimersByTimeAsync(ms)
  return reply
}

describe.each([true, false])('a claim (a store that answers at once: %s)', (isSync) => {
  const rigWith = (...parameters: Parameters<typeof failing>) => {
    const rig = failing(...parameters)
    rig.store.isSync = isSync
    return rig
  }

  test('that fails twice: 503 with a time to try again, and no handler', async () => {
    const rig = rigWith(['fail'])
    const reply = read(await rig.send())
    expect(reply).toMatchObject({ status: 503, code: 'idempotency-store-unavailable', headers: { 'retry-after': '1' } })
    expect(reply.body).not.toContain('10.0.0.7')
    expect(rig.runs).toBe(0)
    expect(rig.told).toEqual(['store_failed', 'refused'])
    await vi.advanceTimersByTimeAsync(0)
    expect(rig.store.calls).toEqual(['claim', 'claim', 'release'])
  })

  test('whose answer was lost is recognised when asked again', async () => {
    const rig = rigWith(['lose', 'lose'])
    delete rig.store.faults.claim
    rig.store.faults.claim = ['lose', { lateMs: 0 }]
    const reply = await after(
      1,
      rig.send({}, ({ attempt }) => replyOf(201, [], String(attempt))),
    )
    expect(read(reply).body).toBe('1')
    expect(rig.store.calls).toEqual(['claim', 'claim', 'settle'])
  })

  test('whose answer was lost twice does not block the client that tries again', async () => {
    const rig = rigWith(['lose'])
    expect((await rig.send()).status).toBe(503)
    delete rig.store.faults.claim
    await vi.advanceTimersByTimeAsync(0)
    expect((await rig.send()).status).toBe(201)
  })

  test('that the store has no room for is not asked again', async () => {
    const rig = rigWith([{ throws: new StoreError('full', 'no room') }])
    expect((await rig.send()).status).toBe(503)
    expect(rig.store.calls).toEqual(['claim'])
  })

  test.each([undefined, null, Promise.resolve(undefined)])(
    'that the store answers with %s: 503, and no run',
    async (nothing) => {
      const rig = new Rig()
      vi.spyOn(rig.store, 'claim').mockReturnValue(nothing as never)
      expect((await rig.send()).status).toBe(503)
      expect(rig.runs).toBe(0)
    },
  )

  test('that meets an unreadable record: 503, even where failures are bypassed', async () => {
    const rig = rigWith([{ throws: new StoreError('corrupt', 'truncated') }], { onStoreError: 'bypass' })
    expect((await rig.send()).status).toBe(503)
    expect(rig.told).toEqual(['record_unreadable', 'refused'])
    expect(rig.runs).toBe(0)
  })

  test('that fails, where it is bypassed: the handler runs, and the reply says so', async () => {
    const rig = rigWith(['fail'], { onStoreError: 'bypass' })
    const reply = await rig.send({}, ({ isProtected, attempt, derivedKey }) => {
      expect({ isProtected, attempt }).toEqual({ isProtected: false, attempt: 0 })
      return replyOf(201, [
        ['idempotency-status', 'forged'],
        ['x-key', derivedKey('mail')],
      ])
    })
    expect(read(reply)).toMatchObject({ status: 201, headers: { 'idempotency-status': 'bypassed' } })
    expect(rig.told).toEqual(['bypassed'])
    const again = await rig.send({}, ({ derivedKey }) => replyOf(201, [['x-key', derivedKey('mail')]]))
    expect(read(again).headers['x-key']).toBe(read(reply).headers['x-key'])
    await vi.advanceTimersByTimeAsync(0)
  })
})

test('a store that does not answer: 503 after a second, and it is not asked again', async () => {
  const rig = failing(['hang'])
  let status: number | undefined
  void rig.send().then((reply) => {
    status = reply.status
  })
  await vi.advanceTimersByTimeAsync(999)
  expect(status).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(status).toBe(503)
  expect(rig.store.calls).toEqual(['claim', 'release'])
})

test('both questions share one second', async () => {
  const rig = failing(['hang', 'hang'])
  const claim = rig.store.claim.bind(rig.store)
  let asked = 0
  rig.store.claim = (request) => {
    asked++
    if (asked > 1) return claim(request)
    return new Promise((_, reject) => setTimeout(reject, 900, new Error('reset')))
  }
  expect((await after(1_000, rig.send())).status).toBe(503)
  expect(asked).toBe(2)
})

test('a claim that is carried out after the client was refused is released', async () => {
  const rig = failing([{ lateMs: 3_000 }])
  expect((await after(1_000, rig.send())).status).toBe(503)
  expect(rig.store.rows.size).toBe(0)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(rig.store.calls).toEqual(['claim', 'release', 'release'])
  expect(rig.store.rows.size).toBe(0)
})

test('clean-ups are bounded while the store is down', async () => {
  const rig = failing(['hang'])
  rig.store.faults.release = ['hang']
  const replies = Array.from({ length: 250 }, (_, index) => rig.send({ headers: { 'idempotency-key': `k${index}` } }))
  await vi.advanceTimersByTimeAsync(1_000)
  await Promise.all(replies)
  expect(rig.store.calls.filter((call) => call === 'release')).toHaveLength(100)
  await vi.advanceTimersByTimeAsync(2_000)
})

test('claims that a store carries out late are all released, however many they are', async () => {
  const rig = failing([{ lateMs: 3_000 }])
  rig.store.faults.release = [{ lateMs: 10 }]
  const replies = Array.from({ length: 250 }, (_, index) => rig.send({ headers: { 'idempotency-key': `k${index}` } }))
  await vi.advanceTimersByTimeAsync(3_000)
  await Promise.all(replies)
  expect(rig.store.rows.size).toBe(250)
  await vi.advanceTimersByTimeAsync(10)
  expect(rig.store.rows.size).toBe(0)
})
