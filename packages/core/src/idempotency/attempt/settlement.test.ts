import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StoreError } from '../../errors.js'
import { type Fault, Rig, read, replyOf } from '../guard-rig.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe.each([true, false])('a reply that cannot be stored (a store that answers at once: %s)', (isSync) => {
  const failing = (...faults: Fault[]) => {
    const rig = new Rig()
    rig.store.isSync = isSync
    rig.store.faults.settle = faults
    return rig
  }

  test('is sent, tried again after 0.1 s doubling to 1 s, and replayed once it is stored', async () => {
    const rig = failing('fail')
    expect((await rig.send()).status).toBe(201)
    const settles = () => rig.store.calls.filter((call) => call === 'settle').length
    const counts: number[] = []
    for (const ms of [99, 1, 199, 1, 399, 1, 799, 1, 999, 1, 999, 1]) {
      await vi.advanceTimersByTimeAsync(ms)
      counts.push(settles())
    }
    expect(counts).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7])
    expect(read(await rig.send()).code).toBe('idempotency-in-progress')
    delete rig.store.faults.settle
    await vi.advanceTimersByTimeAsync(1000)
    expect(read(await rig.send()).headers).toMatchObject({ 'idempotent-replayed': 'true' })
    expect(rig.told).toEqual(['claimed', 'settle_failed', 'refused', 'settled', 'replayed'])
    expect(rig.store.calls).not.toContain('release')
  })

  test('keeps its lease meanwhile, then gives up without ever freeing the key', async () => {
    const rig = failing('fail')
    await rig.send()
    await vi.advanceTimersByTimeAsync(59_000)
    expect(read(await rig.send()).code).toBe('idempotency-in-progress')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(rig.told.at(-1)).toBe('settle_given_up')
    expect(rig.store.calls).toContain('renew')
    expect(rig.store.calls).not.toContain('release')
    expect(read(await rig.send()).code).toBe('idempotency-in-progress')
    await vi.advanceTimersByTimeAsync(30_000)
    delete rig.store.faults.settle
    expect(read(await rig.send({}, ({ attempt }) => replyOf(201, [], String(attempt)))).body).toBe('2')
  })

  test('because the store is full is remembered as carried out, and never runs again', async () => {
    const rig = failing({ throws: new StoreError('full', 'no room') })
    expect((await rig.send()).status).toBe(201)
    expect(read(await rig.send()).code).toBe('idempotency-response-unavailable')
    expect(rig.told).toEqual(['claimed', 'tombstoned', 'refused'])
  })

  test('whose write was carried out is recognised', async () => {
    const rig = failing('lose', 'lose')
    await rig.send()
    expect(read(await rig.send()).headers).toMatchObject({ 'idempotent-replayed': 'true' })
    delete rig.store.faults.settle
    await vi.advanceTimersByTimeAsync(100)
    expect(rig.told).toEqual(['claimed', 'settle_failed', 'replayed', 'settled'])
  })

  test('is forgotten where another attempt has taken over', async () => {
    const rig = failing('fail', 'lose')
    await rig.send()
    rig.store.takeAway()
    delete rig.store.faults.settle
    await vi.advanceTimersByTimeAsync(100)
    expect(rig.told).toEqual(['claimed', 'settle_failed', 'lease_lost'])
    expect([...rig.store.rows.values()]).toMatchObject([{ state: 'running' }])
  })
})

test('a store that does not answer holds the reply back for two seconds at most', async () => {
  const rig = new Rig()
  rig.store.faults.settle = ['hang']
  let reply: number | undefined
  void rig.send().then(({ status }) => {
    reply = status
  })
  await vi.advanceTimersByTimeAsync(1_999)
  expect(reply).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(reply).toBe(201)
  delete rig.store.faults.settle
  await vi.advanceTimersByTimeAsync(100)
  expect(rig.told).toEqual(['claimed', 'settle_failed', 'settled'])
})

test('the client is refused instead, where that is asked for, and a retry gets the reply', async () => {
  const rig = new Rig({ onSettleFailure: 'refuse' })
  rig.store.faults.settle = ['fail']
  expect(read(await rig.send())).toMatchObject({ status: 503, code: 'idempotency-store-unavailable' })
  delete rig.store.faults.settle
  await vi.advanceTimersByTimeAsync(100)
  expect(read(await rig.send()).headers).toMatchObject({ 'idempotent-replayed': 'true' })
  expect(rig.runs).toBe(1)
})

test('a reply that frees the key is sent whatever the store says, and the key is freed later', async () => {
  const rig = new Rig({ onSettleFailure: 'refuse' })
  rig.store.faults.release = ['lose', 'lose']
  expect((await rig.send({}, () => replyOf(500))).status).toBe(500)
  delete rig.store.faults.release
  await vi.advanceTimersByTimeAsync(100)
  expect(rig.told).toEqual(['claimed', 'settle_failed'])
  expect((await rig.send()).status).toBe(201)
})

test('a tombstone is tried again too', async () => {
  const rig = new Rig()
  rig.store.faults.tombstone = ['fail']
  expect(
    (
      await rig.send({}, ({ live }) => {
        live()
        return replyOf(200)
      })
    ).status,
  ).toBe(200)
  delete rig.store.faults.tombstone
  await vi.advanceTimersByTimeAsync(100)
  expect(read(await rig.send()).code).toBe('idempotency-response-unavailable')
})

test('replies that wait to be stored are bounded in bytes', async () => {
  const rig = new Rig({ maxBufferedBytes: 1000, settleRetrySeconds: 1 })
  rig.store.faults.settle = ['fail']
  const large = replyOf(201, [], 'x'.repeat(600))
  await rig.send({ headers: { 'idempotency-key': 'a' } }, () => large)
  await rig.send({ headers: { 'idempotency-key': 'b' } }, () => large)
  await vi.advanceTimersByTimeAsync(0)
  expect(rig.told.filter((type) => type === 'settle_given_up')).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(rig.told.filter((type) => type === 'settle_given_up')).toHaveLength(2)
  await rig.send({ headers: { 'idempotency-key': 'c' } }, () => large)
  delete rig.store.faults.settle
  await vi.advanceTimersByTimeAsync(100)
  expect(rig.told.at(-1)).toBe('settled')
})
