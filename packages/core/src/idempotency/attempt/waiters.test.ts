import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Reply } from '../../guard.js'
import { Rig, read, replyOf } from '../guard-rig.js'
import type { IdempotencyOptions } from '../options.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('waiting', () => {
  /** A first request that runs for so long, and a second that comes at once. */
  const race = async (
    options: Partial<IdempotencyOptions>,
    runsMs: number,
    first: Reply = replyOf(201, [], 'first'),
  ) => {
    const rig = new Rig(options)
    const owner = rig.send({}, () => new Promise((resolve) => setTimeout(resolve, runsMs, first)))
    await vi.advanceTimersByTimeAsync(0)
    const waiter = rig.send({}, () => replyOf(201, [], 'second'))
    await vi.advanceTimersByTimeAsync(0)
    return { rig, owner, waiter }
  }

  test('ends with the reply of the predecessor', async () => {
    const { rig, owner, waiter } = await race({ wait: true }, 3_000)
    await vi.advanceTimersByTimeAsync(3_500)
    expect(read(await waiter)).toMatchObject({ body: 'first', headers: { 'idempotent-replayed': 'true' } })
    expect((await owner).status).toBe(201)
    // From 20 ms, doubling to half a second.
    expect(rig.store.calls.filter((call) => call === 'claim').length).toBeLessThanOrEqual(15)
  })

  test('ends with a run of its own where the predecessor freed the key', async () => {
    const { rig, waiter } = await race({ wait: true }, 1_000, replyOf(500))
    await vi.advanceTimersByTimeAsync(1_500)
    expect(read(await waiter).body).toBe('second')
    expect(rig.runs).toBe(2)
  })

  test('ends with 409 when its time is up', async () => {
    const { owner, waiter } = await race({ waitSeconds: 2 }, 5_000)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(read(await waiter).code).toBe('idempotency-in-progress')
    await vi.advanceTimersByTimeAsync(3_000)
    await owner
  })

  test('is off where it is switched off, whatever the seconds', async () => {
    const { owner, waiter } = await race({ wait: false, waitSeconds: 2 }, 100)
    expect(read(await waiter).code).toBe('idempotency-in-progress')
    await vi.advanceTimersByTimeAsync(100)
    await owner
  })

  test('is for so many at once; one more gets 409 at once', async () => {
    const { rig, owner, waiter } = await race({ wait: true, maxWaiters: 1 }, 1_000)
    await vi.advanceTimersByTimeAsync(0)
    expect(read(await rig.send()).code).toBe('idempotency-in-progress')
    await vi.advanceTimersByTimeAsync(1_500)
    await Promise.all([owner, waiter])
    expect(read(await rig.send()).headers).toMatchObject({ 'idempotent-replayed': 'true' })
  })

  test('another request under the key gets 422 at once', async () => {
    const { rig, owner, waiter } = await race({ wait: true }, 1_000)
    expect(read(await rig.send({ body: '2' })).code).toBe('idempotency-key-reused')
    await vi.advanceTimersByTimeAsync(1_500)
    await Promise.all([owner, waiter])
  })

  test('a store that fails meanwhile is not bypassed: the predecessor runs', async () => {
    const { rig, owner, waiter } = await race({ wait: true, onStoreError: 'bypass' }, 1_000)
    rig.store.faults.claim = ['fail']
    await vi.advanceTimersByTimeAsync(1_000)
    expect(read(await waiter).code).toBe('idempotency-in-progress')
    expect(rig.runs).toBe(1)
    await owner
  })
})
