import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { memoryStore } from '../../stores/memory.js'
import { TokenSource } from '../../token-source.js'
import type { SignatureNotice } from '../signature-event.js'
import type { ReplayStore } from '../store.js'
import { type Admission, admit } from './replay-window.js'

const id = 'A'.repeat(43)
let memory: ReplayStore
let told: SignatureNotice['type'][]

beforeEach(() => {
  vi.useFakeTimers()
  memory = memoryStore({ now: Date.now }).replay
  told = []
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** The store in memory, but for the parts that are named. */
function enter(parts: Partial<ReplayStore> = {}, maxLeaseSeconds = 900): Promise<Admission> {
  const store: ReplayStore = {
    reserve: (...of) => memory.reserve(...of),
    commit: (...of) => memory.commit(...of),
    release: (...of) => memory.release(...of),
    ...parts,
  }
  const timeouts = { storeTimeoutSeconds: 1, settleTimeoutSeconds: 2 }
  const tokens = new TokenSource()
  const tell = ({ type }: SignatureNotice) => void told.push(type)
  return admit(id, { store, tokens, ttlSeconds: 3600, leaseSeconds: 30, maxLeaseSeconds, ...timeouts, tell })
}

async function reserve(parts?: Partial<ReplayStore>, maxLeaseSeconds?: number) {
  const admission = await enter(parts, maxLeaseSeconds)
  if (admission.outcome !== 'reserved') throw new Error(admission.outcome)
  return admission
}

/** `reserve` whose calls up to `count`, the first apart, do what `otherwise` says. */
function afterTheFirst(count: number, otherwise: () => ReturnType<ReplayStore['reserve']>): ReplayStore['reserve'] {
  let calls = 0
  return (...of) => {
    calls += 1
    return calls > 1 && calls <= count ? otherwise() : memory.reserve(...of)
  }
}

const fail = () => {
  throw new Error('connection refused')
}
const never = () => new Promise<never>(() => {})

describe('while a handler runs', () => {
  test('for long, the message stays its own', async () => {
    const { settled } = await reserve()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(await enter()).toMatchObject({ outcome: 'running' })
    await settled(200)
    expect(vi.getTimerCount()).toBe(0)
    expect(await enter()).toEqual({ outcome: 'committed' })
  })

  test('and never ends, the message is given up in the end', async () => {
    await reserve({}, 90)
    await vi.advanceTimersByTimeAsync(89_999)
    expect(await enter()).toMatchObject({ outcome: 'running' })
    await vi.advanceTimersByTimeAsync(1)
    await (await reserve()).settled(200)
  })

  test('and another process takes the message over, it is told', async () => {
    const reserveLost = afterTheFirst(9, () => ({ outcome: 'running', leaseRemainingMs: 1 }))
    const { settled } = await reserve({ reserve: reserveLost, commit: () => 'stale' })
    await vi.advanceTimersByTimeAsync(60_000)
    await settled(200)
    expect(told).toEqual(['signature.lease_lost', 'signature.lease_lost'])
  })

  test('and the store is away for a moment, the lease is extended a little later', async () => {
    const { settled } = await reserve({ reserve: afterTheFirst(2, fail) })
    await vi.advanceTimersByTimeAsync(45_000)
    expect(await enter()).toMatchObject({ outcome: 'running' })
    await settled(200)
    expect(told).toEqual(['signature.renew_failed', 'signature.committed'])
  })

  test('an extension that is under way does not bring a released message back', async () => {
    let answer = () => {}
    let token = ''
    const slow = afterTheFirst(2, () => {
      return new Promise((resolve) => {
        answer = () => resolve(memory.reserve(id, token, 30))
      })
    })
    const parts: Partial<ReplayStore> = {
      reserve: (of, by, lease) => {
        token = by
        return slow(of, by, lease)
      },
    }
    const { settled } = await reserve(parts)
    await vi.advanceTimersByTimeAsync(10_000)
    const settling = settled(500)
    answer()
    await settling
    await (await reserve()).settled(500)
  })

  test('settling is once, and at once where the store answers at once', async () => {
    const { settled } = await reserve()
    expect(settled(200)).toBeUndefined()
    expect(settled(500)).toBeUndefined()
    expect(told).toEqual(['signature.committed'])
  })
})

describe('a store that fails', () => {
  test('when it should reserve is not admitted by, and is left without the message', async () => {
    const release = vi.fn((): 'ok' => 'ok')
    expect(await enter({ reserve: fail, release })).toEqual({ outcome: 'unavailable' })
    expect(release).toHaveBeenCalledOnce()
    expect(told).toEqual(['signature.reserve_failed'])
  })

  test('after it has reserved does not hold up the sender’s retry', async () => {
    const lose: ReplayStore['reserve'] = async (...of) => {
      await memory.reserve(...of)
      return fail()
    }
    expect(await enter({ reserve: lose })).toEqual({ outcome: 'unavailable' })
    await (await reserve()).settled(200)
  })

  test('and reserves late does not hold up the sender’s retry either', async () => {
    let reserveLate = () => {}
    const late: ReplayStore['reserve'] = (...of) =>
      new Promise((resolve) => {
        reserveLate = () => resolve(memory.reserve(...of))
      })
    const entering = enter({ reserve: late })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await entering).toEqual({ outcome: 'unavailable' })
    reserveLate()
    await vi.advanceTimersByTimeAsync(0)
    await (await reserve()).settled(200)
  })

  test('by not answering is as good as one that says so', async () => {
    const entering = enter({ reserve: never, release: never })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await entering).toEqual({ outcome: 'unavailable' })
    await vi.advanceTimersByTimeAsync(2_000)
  })

  test('when it should commit does not fail the reply, and is asked again behind it', async () => {
    let failures = 2
    const { settled } = await reserve({ commit: (...of) => (failures-- > 0 ? fail() : memory.commit(...of)) })
    await settled(200)
    expect(await enter()).toMatchObject({ outcome: 'running' })
    await vi.advanceTimersByTimeAsync(1_250)
    expect(await enter()).toEqual({ outcome: 'committed' })
    expect(told).toEqual(['signature.settle_failed', 'signature.settle_failed', 'signature.committed'])
  })

  test('for good delays the reply by its timeout, and is given up', async () => {
    const { settled } = await reserve({ commit: never })
    const settling = settled(200)
    await vi.advanceTimersByTimeAsync(2_000)
    await settling
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told).toEqual(Array.from({ length: 5 }, () => 'signature.settle_failed'))
  })
})
