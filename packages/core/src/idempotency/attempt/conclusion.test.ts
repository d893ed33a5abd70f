import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LeaseLostError } from '../../errors.js'
import { Rig, read, replyOf } from '../guard-rig.js'
import { paid, RigTransaction, same, settling, stored } from '../transaction-rig.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  // No exit path leaves a timer behind.
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('a lease that is lost', () => {
  test('throws inside the transaction, fires the signal, and the client gets 409', async () => {
    const rig = new Rig()
    const reply = await rig.send({}, async ({ settleIn, signal }) => {
      rig.store.takeAway()
      await expect(settleIn(new RigTransaction(rig.store), paid)).rejects.toThrow(LeaseLostError)
      expect(signal.aborted).toBe(true)
      await expect(settleIn(new RigTransaction(rig.store), paid)).rejects.toThrow(LeaseLostError)
      return same
    })
    expect(read(reply)).toMatchObject({ status: 409, code: 'idempotency-lease-lost' })
    expect(rig.told).toEqual(['claimed', 'lease_lost', 'refused'])
    expect([...rig.store.rows.values()]).toMatchObject([{ state: 'running' }])
  })

  test.each([
    ['a success', same],
    ['a failure', replyOf(500)],
  ])('between a rollback and the reply is found then: %s is not sent', async (_, made) => {
    const rig = new Rig()
    const reply = await rig.send({}, async (grant) => {
      await settling(rig, 'rollback')(grant)
      rig.store.takeAway()
      for (const row of rig.store.rows.values()) row.attempt++
      return made
    })
    expect(read(reply).code).toBe('idempotency-lease-lost')
    expect(rig.store.calls).toEqual(['claim', 'find'])
  })

  test('to a claim after the record was released by hand is found by the fence', async () => {
    const rig = new Rig()
    const reply = await rig.send({}, async (grant) => {
      await settling(rig, 'rollback')(grant)
      rig.store.takeAway()
      return replyOf(500)
    })
    expect(read(reply).code).toBe('idempotency-lease-lost')
    expect(rig.store.calls).toEqual(['claim', 'find', 'release', 'find'])
  })

  test('to a record that is gone', async () => {
    const rig = new Rig()
    const reply = await rig.send({}, async (grant) => {
      await settling(rig, 'rollback')(grant)
      rig.store.rows.clear()
      return replyOf(500)
    })
    expect(read(reply).code).toBe('idempotency-lease-lost')
  })
})

describe('a commit of which nobody knows', () => {
  test('is asked for again within settleTimeoutSeconds', async () => {
    const rig = new Rig()
    rig.store.faults.find = ['fail', 'fail', 'fail']
    const reply = rig.send({}, settling(rig, 'commit', replyOf(500)))
    await vi.advanceTimersByTimeAsync(60)
    delete rig.store.faults.find
    await vi.advanceTimersByTimeAsync(100)
    expect(read(await reply)).toMatchObject(stored)
    expect(rig.told).toEqual(['claimed', 'settled'])
  })

  test.each([
    ['send', same, 201],
    ['refuse', same, 503],
    ['send', replyOf(500), 503],
    ['send', replyOf(422), 503],
    ['send', null, 503],
  ] as const)(
    'with onSettleFailure %s: nothing is written, and the reply %o comes as %d',
    async (onSettleFailure, made, status) => {
      const rig = new Rig({ onSettleFailure })
      rig.store.faults.find = ['fail']
      const reply = rig.send({}, settling(rig, 'commit', made))
      await vi.advanceTimersByTimeAsync(2_100)
      expect((await reply).status).toBe(status)
      expect(rig.store.calls.filter((call) => call !== 'find')).toEqual(['claim'])
      expect(rig.told.slice(0, 2)).toEqual(['claimed', 'commit_unknown'])
      delete rig.store.faults.find
      expect(read(await rig.send())).toMatchObject(stored)
    },
  )

  test('because the transaction does not end: the release that waits for it can only free what was rolled back', async () => {
    const rig = new Rig()
    const transaction = new RigTransaction(rig.store)
    const reply = rig.send({}, async ({ settleIn }) => {
      await settleIn(transaction, paid)
      return replyOf(500)
    })
    await vi.advanceTimersByTimeAsync(2_100)
    expect(read(await reply).code).toBe('idempotency-store-unavailable')
    transaction.commit()
    await vi.advanceTimersByTimeAsync(0)
    expect(read(await rig.send())).toMatchObject(stored)
    expect(rig.runs).toBe(1)
  })
})

describe('the heartbeat', () => {
  test('rests after settleIn: the record is locked or settled', async () => {
    const rig = new Rig()
    const transaction = new RigTransaction(rig.store)
    const reply = rig.send({}, async ({ settleIn, signal }) => {
      await settleIn(transaction, paid)
      await new Promise((resolve) => setTimeout(resolve, 100_000))
      expect(signal.aborted).toBe(false)
      transaction.commit()
      return same
    })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(read(await reply)).toMatchObject(stored)
    expect(rig.store.calls).toEqual(['claim', 'find'])
  })

  test('that was under way meets the settled record, which is no lost lease', async () => {
    const rig = new Rig()
    rig.store.faults.renew = [{ lateMs: 500 }]
    const reply = rig.send({}, async (grant) => {
      await new Promise((resolve) => setTimeout(resolve, 10_100))
      const made = await settling(rig, 'commit')(grant)
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      expect(grant.signal.aborted).toBe(false)
      return made
    })
    await vi.advanceTimersByTimeAsync(12_000)
    expect(read(await reply)).toMatchObject(stored)
    expect(rig.told).toEqual(['claimed', 'settled'])
  })

  test('goes on where settleIn failed', async () => {
    const rig = new Rig()
    const reply = rig.send({}, async ({ settleIn }) => {
      const transaction = new RigTransaction(rig.store)
      transaction.fails = new Error('deadlock detected')
      await expect(settleIn(transaction, paid)).rejects.toThrow('deadlock')
      await new Promise((resolve) => setTimeout(resolve, 15_000))
      return replyOf(500)
    })
    await vi.advanceTimersByTimeAsync(15_000)
    await reply
    expect(rig.store.calls).toEqual(['claim', 'renew', 'find', 'release'])
  })
})
