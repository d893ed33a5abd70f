import { type IdempotencyStore, memoryStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { naiveStore } from '../broken/naive-store.js'
import type { StoreFlaw } from '../broken/store-flaws.js'
import { Examination } from './examination.js'
import { histories, runSeed } from './length.js'
import { RecordModel } from './record-model.js'
import { simulate } from './simulation.js'

type Open = (clock: { storeMs(): number; callerMs(): number }) => IdempotencyStore

/** Virtual time is exact: nothing is rounded. */
const model = new RecordModel(0)

/** Examines so many histories over stores that are each opened afresh, or fewer where one has no order. */
async function examine(seed: string, count: number, open: Open): Promise<Examination> {
  const examination = new Examination(model)
  for (let index = 0; index < count && examination.violations.length === 0; index++) {
    examination.add(`${seed} ${index}`, await simulate(`${seed} ${index}`, open))
  }
  return examination
}

test('every history over the memory store has an order', async () => {
  const examination = await examine(runSeed, histories, ({ storeMs }) => memoryStore({ now: storeMs }).idempotency)
  console.info(examination.report('memory'))
  expect(examination.violations.map(({ text }) => text)).toEqual([])
  expect(examination.undecided).toBe(0)
  expect(examination.unseen()).toEqual([])
})

test('a history is the same in every run with its seed', async () => {
  const open: Open = ({ storeMs }) => memoryStore({ now: storeMs }).idempotency
  const [one, again, other] = [await simulate('a', open), await simulate('a', open), await simulate('b', open)]
  expect(again).toEqual(one)
  expect(other).not.toEqual(one)
})

/** In how many histories each has to be found. */
const enough = 100

/** Flaws that show in what several clients are told; what is about contents, ids and pages is for the suite of stores. */
const flaws: readonly StoreFlaw[] = [
  'reads, then writes',
  'settles under any token',
  'stores what nobody has claimed',
  'takes over, reading first',
  'renews under any token',
  'releases under any token',
  'tombstones under any token',
  'keeps the old token at a take-over',
  'ignores the lease',
  'lets a lease hold a millisecond too long',
  'never gives a lapsed record away',
  'takes over without leave',
  'renews from the last end on',
  'does not count attempts',
  'does not know its own claimant',
  'claims again without a fresh lease',
  'forgets the fingerprint while running',
  'forgets the fingerprint once finished',
  'tells when, not how long',
  'expires a running record by its first ttl',
  'expires a running record by its ttl alone',
  'forgets a lapsed record',
  'releases what is finished',
  'replaces a settled reply',
  'knows no repeat',
  'stores nothing after the lease',
  'counts the ttl from the claim',
  'keeps the ttl of the claim',
  'prolongs with each look',
  'keeps everything for ever',
  'resolves what is running',
  'replaces a reply by hand',
  'leaves a resolved record to its owner',
]

describe('found within a hundred histories, and shrunk to a few operations: a store that', () => {
  test('is as plain, and has no flaw, is found right', async () => {
    const examination = await examine(
      'flaws',
      enough,
      ({ storeMs }) => naiveStore(storeMs, undefined).store.idempotency,
    )
    expect(examination.violations).toEqual([])
  })

  test.each(flaws)('%s', async (flaw) => {
    const examination = await examine('flaws', enough, ({ storeMs }) => naiveStore(storeMs, flaw).store.idempotency)
    expect(examination.violations.length).toBeGreaterThan(0)
    expect(examination.violations[0]!.history.length).toBeLessThanOrEqual(12)
  })

  test('counts leases by the application’s clock', async () => {
    const examination = await examine(
      'flaws',
      enough,
      ({ callerMs }) => naiveStore(callerMs, undefined).store.idempotency,
    )
    expect(examination.violations.length).toBeGreaterThan(0)
  })
})
