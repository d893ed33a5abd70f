import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Reply } from '../../guard.js'
import type { IdempotencyGrant } from '../grant.js'
import { type Handler, Rig, read, replyOf } from '../guard-rig.js'
import type { IdempotencyOptions } from '../options.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  // No exit path leaves a timer behind.
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** A request whose handler runs until `finish`. */
async function running(options: Partial<IdempotencyOptions> = {}, rig = new Rig(options)) {
  let finish: (reply?: Reply) => void = () => undefined
  let grant: IdempotencyGrant | undefined
  const handler: Handler = (granted) => {
    grant = granted
    return new Promise((resolve) => {
      finish = resolve
    })
  }
  const reply = rig.send({}, handler)
  await vi.advanceTimersByTimeAsync(0)
  return { rig, reply, grant: grant!, finish: (made: Reply | undefined = replyOf(201)) => finish(made) }
}

describe('the heartbeat', () => {
  test('begins at a third of the lease: a handler that is done by then renews nothing', async () => {
    const { rig, finish, reply } = await running()
    await vi.advanceTimersByTimeAsync(9_999)
    finish()
    await reply
    expect(rig.store.calls).toEqual(['claim', 'settle'])
  })

  test('keeps the record while the handler runs, and its retries wait', async () => {
    const { rig, finish, reply } = await running()
    await vi.advanceTimersByTimeAsync(300_000)
    expect(read(await rig.send()).code).toBe('idempotency-in-progress')
    finish()
    expect((await reply).status).toBe(201)
    const renewals = rig.store.calls.filter((call) => call === 'renew').length
    // From every third of the lease to a fifth less.
    expect(renewals).toBeGreaterThanOrEqual(30)
    expect(renewals).toBeLessThanOrEqual(38)
  })

  test('stops at the ceiling, says so, and the lease lapses by then', async () => {
    const { rig, finish, reply } = await running({ maxLeaseSeconds: 100 })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(rig.told).toEqual(['claimed', 'lease_ended'])
    expect((await rig.send()).status).toBe(201)
    finish()
    expect(read(await reply).code).toBe('idempotency-lease-lost')
  })

  test('a lease that lapsed and that nobody took is still good for settling', async () => {
    const { rig, finish, reply } = await running({ maxLeaseSeconds: 30 })
    await vi.advanceTimersByTimeAsync(60_000)
    finish()
    expect((await reply).status).toBe(201)
    expect(rig.store.calls).toEqual(['claim', 'settle'])
  })

  test('a store that fails three times and recovers costs nothing', async () => {
    const { rig, grant, finish, reply } = await running()
    rig.store.faults.renew = ['fail', 'fail', 'hang']
    await vi.advanceTimersByTimeAsync(13_000)
    expect(rig.told).toEqual(['claimed', 'renew_failed', 'renew_failed', 'renew_failed'])
    delete rig.store.faults.renew
    await vi.advanceTimersByTimeAsync(60_000)
    expect(grant.signal.aborted).toBe(false)
    expect(read(await rig.send()).code).toBe('idempotency-in-progress')
    finish()
    expect((await reply).status).toBe(201)
  })

  test('a renewal that is answered after the end changes nothing', async () => {
    const { rig, finish, reply } = await running()
    rig.store.faults.renew = [{ lateMs: 500 }]
    await vi.advanceTimersByTimeAsync(10_100)
    finish()
    expect((await reply).status).toBe(201)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(rig.told).toEqual(['claimed', 'settled'])
  })

  test('a renewal that is answered while the reply is being stored decides nothing', async () => {
    const { rig, finish, reply } = await running()
    rig.store.faults.settle = [{ lateMs: 1500 }]
    await vi.advanceTimersByTimeAsync(9_000)
    finish()
    rig.store.faults.renew = ['lose']
    await vi.advanceTimersByTimeAsync(1_500)
    expect((await reply).status).toBe(201)
    expect(rig.told).not.toContain('lease_lost')
  })
})

describe('a lease that is lost', () => {
  test('fires the signal; the own reply is neither stored nor sent', async () => {
    const { rig, grant, finish, reply } = await running()
    let fired = 0
    grant.signal.addEventListener('abort', () => fired++)
    rig.store.takeAway()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(fired).toBe(1)
    finish()
    expect(read(await reply)).toMatchObject({
      status: 409,
      code: 'idempotency-lease-lost',
      headers: { 'retry-after': '1' },
    })
    expect(rig.store.calls).toEqual(['claim', 'renew'])
    expect(rig.told).toEqual(['claimed', 'lease_lost', 'refused'])
  })

  test('shows on a signal that is read afterwards', async () => {
    const { rig, grant, finish, reply } = await running()
    rig.store.takeAway()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(grant.signal.aborted).toBe(true)
    finish()
    await reply
  })

  test.each([
    ['a reply', replyOf(201), 'settle'],
    ['a reply that frees the key', replyOf(500), 'release'],
    ['a live reply', replyOf(200, [['content-type', 'text/event-stream']]), 'tombstone'],
    ['no reply', undefined, 'release'],
  ] as const)('is found at the end at the latest: %s is not sent', async (_, made, call) => {
    const rig = new Rig()
    const reply = await rig.send({}, () => {
      rig.store.takeAway()
      return made
    })
    expect(read(reply).code).toBe('idempotency-lease-lost')
    expect(rig.store.calls).toEqual(['claim', call])
    expect(rig.told).toEqual(['claimed', 'lease_lost', 'refused'])
    expect([...rig.store.rows.values()]).toMatchObject([{ state: 'running' }])
  })

  test('a stalled process comes back to a record that another has settled', async () => {
    const { rig, finish, reply } = await running()
    // The event loop stood still: the clock has moved, no timer has fired.
    vi.setSystemTime(Date.now() + 60_000)
    const second = await rig.send({}, ({ attempt }) => replyOf(201, [], `attempt ${attempt}`))
    expect(read(second).body).toBe('attempt 2')
    finish()
    expect(read(await reply).code).toBe('idempotency-lease-lost')
    expect(read(await rig.send()).body).toBe('attempt 2')
  })
})

describe('a request whose predecessor crashed', () => {
  const crashed = async (options: Partial<IdempotencyOptions>) => {
    const rig = new Rig(options)
    await rig.send()
    for (const row of rig.store.rows.values()) Object.assign(row, { state: 'running', token: 'of a dead process' })
    return rig
  }

  test('waits out the lease, then runs as the second attempt', async () => {
    const rig = await crashed({})
    await vi.advanceTimersByTimeAsync(28_500)
    const busy = read(await rig.send())
    expect(busy).toMatchObject({ code: 'idempotency-in-progress', headers: { 'retry-after': '2' } })
    await vi.advanceTimersByTimeAsync(1_500)
    const reply = await rig.send({}, ({ attempt }) => replyOf(201, [], String(attempt)))
    expect(read(reply).body).toBe('2')
  })

  test('or is blocked until an operator has looked, and 422 still holds', async () => {
    const rig = await crashed({ onAbandoned: 'block' })
    await vi.advanceTimersByTimeAsync(30_000)
    const blocked = read(await rig.send())
    expect(blocked).toMatchObject({ status: 409, code: 'idempotency-outcome-unknown' })
    expect(JSON.parse(blocked.body).retryable).toBe(false)
    expect(read(await rig.send({ body: '2' })).code).toBe('idempotency-key-reused')
    expect(rig.runs).toBe(1)
  })
})
