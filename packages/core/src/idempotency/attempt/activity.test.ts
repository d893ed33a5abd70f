import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Reply } from '../../guard.js'
import { Rig, read, replyOf } from '../guard-rig.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('closing', () => {
  test('refuses requests with a key, and lets the others pass', async () => {
    const rig = new Rig({ required: false })
    await rig.guard.close()
    await rig.guard.close()
    expect(read(await rig.send())).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    expect((await rig.send({ method: 'GET' })).status).toBe(201)
    expect(rig.store.calls).toEqual([])
  })

  test('resolves when what runs has been stored, also what has to be tried again', async () => {
    const rig = new Rig()
    rig.store.faults.settle = ['fail']
    const reply = rig.send({}, () => new Promise((resolve) => setTimeout(resolve, 1_000, replyOf(201))))
    await vi.advanceTimersByTimeAsync(0)
    let isClosed = false
    void rig.guard.close().then(() => {
      isClosed = true
    })
    await vi.advanceTimersByTimeAsync(1_050)
    expect((await reply).status).toBe(201)
    expect(isClosed).toBe(false)
    delete rig.store.faults.settle
    await vi.advanceTimersByTimeAsync(50)
    expect(isClosed).toBe(true)
    expect(rig.told).toEqual(['claimed', 'settle_failed', 'settled'])
  })

  test('resolves in time whatever still runs, and that keeps its lease', async () => {
    const rig = new Rig()
    let finish: (reply: Reply) => void = () => undefined
    const reply = rig.send(
      {},
      () =>
        new Promise((resolve) => {
          finish = resolve
        }),
    )
    await vi.advanceTimersByTimeAsync(0)
    const closed = rig.guard.close({ drainSeconds: 5 })
    await vi.advanceTimersByTimeAsync(5_000)
    await closed
    await vi.advanceTimersByTimeAsync(60_000)
    expect(rig.store.calls).toContain('renew')
    finish(replyOf(201))
    expect((await reply).status).toBe(201)
  })

  test('ends waiting', async () => {
    const rig = new Rig({ wait: true })
    const owner = rig.send({}, () => new Promise((resolve) => setTimeout(resolve, 2_000, replyOf(201))))
    await vi.advanceTimersByTimeAsync(0)
    const waiter = rig.send()
    await vi.advanceTimersByTimeAsync(0)
    const closed = rig.guard.close()
    await vi.advanceTimersByTimeAsync(500)
    expect(read(await waiter).code).toBe('idempotency-in-progress')
    await vi.advanceTimersByTimeAsync(2_000)
    await Promise.all([owner, closed])
  })
})
