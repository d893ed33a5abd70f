import { memoryStore } from '@latchkey/core'
import { describe, expect, test, vi } from 'vitest'
import { naiveStore } from '../broken/naive-store.js'
import type { StoreFlaw } from '../broken/store-flaws.js'
import { Examination } from './examination.js'
import { histories, runSeed } from './length.js'
import type { StoreInQuestion } from './operation.js'
import { simulate } from './simulation.js'
import { messages, records, type Subject } from './subject.js'

vi.setConfig({ testTimeout: 60_000 + 100 * histories })

type Open = (clock: { storeMs(): number; callerMs(): number }) => StoreInQuestion

const openMemory: Open = ({ storeMs }) => memoryStore({ now: storeMs })

/** Examines so many histories over stores that are each opened afresh, or fewer where one has no order. */
async function examine(subject: Subject, seed: string, count: number, open: Open): Promise<Examination> {
  // Virtual time is exact: nothing is rounded.
  const examination = new Examination(subject, 0)
  for (let index = 0; index < count && examination.violations.length === 0; index++) {
    examination.add(`${seed} ${index}`, await simulate(`${seed} ${index}`, subject.conduct, open))
  }
  return examination
}

test.each([records, messages])('every history of $name in the memory store has an order', async (subject) => {
  const examination = await examine(subject, runSeed, histories, openMemory)
  console.info(examination.report(`memory, ${subject.name}`))
  expect(examination.violations.map(({ text }) => text)).toEqual([])
  expect(examination.undecided).toBe(0)
  expect(examination.unseen()).toEqual([])
})

test('a history is the same in every run with its seed', async () => {
  const [one, again, other] = [
    await simulate('a', records.conduct, openMemory),
    await simulate('a', records.conduct, openMemory),
    await simulate('b', records.conduct, openMemory),
  ]
  expect(again).toEqual(one)
  expect(other).not.toEqual(one)
})

/** In how many histories each has to be found. */
const enough = 100

/** Flaws that show in what several clients are told; what is about contents, ids and pages is for the suite of stores. */
const recordFlaws: readonly StoreFlaw[] = [
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

const messageFlaws: readonly StoreFlaw[] = [
  'reserves, reading first',
  'does not know its own reservation',
  'handles committed messages again',
  'counts from the reservation',
  'never forgets a message',
  'never gives a lapsed message away',
  'forgets a lapsed reservation',
  'commits under any token',
  'gives up under any token',
  'gives up what is committed',
  'commits again and again',
]

describe.each([
  [records, recordFlaws],
  [messages, messageFlaws],
] as const)(
  'found in its $name within a hundred histories, and shrunk to a few operations: a store that',
  (subject, flaws) => {
    const openNaive =
      (flaw?: StoreFlaw): Open =>
      ({ storeMs }) =>
        naiveStore(storeMs, flaw).store

    test('is as plain, and has no flaw, is found right', async () => {
      expect((await examine(subject, 'flaws', enough, openNaive())).violations).toEqual([])
    })

    test.each(flaws)('%s', async (flaw) => {
      const { violations } = await examine(subject, 'flaws', enough, openNaive(flaw))
      expect(violations.length).toBeGreaterThan(0)
      expect(violations[0]!.history.length).toBeLessThanOrEqual(12)
    })

    test('counts leases by the application’s clock', async () => {
      const { violations } = await examine(
        subject,
        'flaws',
        enough,
        ({ callerMs }) => naiveStore(callerMs, undefined).store,
      )
      expect(violations.length).toBeGreaterThan(0)
    })
  },
)
