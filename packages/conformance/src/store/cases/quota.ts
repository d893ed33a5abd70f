import assert from 'node:assert/strict'
import type { KeyStore, Quota } from '@latchkey/core'
import { atOnce, newKey, newSuccessor } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'keys'
const dueMs = 1_790_003_600_123

/** Ten a minute, and so many left; the next come at {@link dueMs}. */
function refilling(remaining: number): Quota {
  return { remaining, refill: { amount: 10, everySeconds: 60 }, refillAtMs: dueMs }
}

function fixed(remaining: number): Quota {
  return { remaining, refill: null, refillAtMs: null }
}

async function metered(keys: KeyStore, quota: Quota | null) {
  const record = newKey({ quota })
  await keys.insert(record)
  return record
}

async function countSpent(keys: KeyStore, meterId: string, nowMs: number): Promise<number> {
  const spendings = await atOnce(64, async () => keys.spend(meterId, nowMs))
  return spendings.filter(({ outcome }) => outcome === 'ok').length
}

export const quotaCases: readonly StoreCase[] = [
  {
    name: 'quota: of 64 that spend at once exactly so many succeed as were left, each with a number of its own',
    facet,
    run: async ({ keys }) => {
      const { id, meterId } = await metered(keys, fixed(40))
      const spendings = await atOnce(64, async () => keys.spend(meterId, 0))
      const spent = spendings.filter(({ outcome }) => outcome === 'ok').map(({ remaining }) => remaining)
      assert.deepEqual(
        spent.sort((a, b) => a - b),
        Array.from({ length: 40 }, (_, index) => index),
      )
      const exceeded = { outcome: 'exceeded', remaining: 0, refillAtMs: null } as const
      for (const each of spendings.filter(({ outcome }) => outcome !== 'ok')) assert.deepEqual(each, exceeded)
      assert.deepEqual((await keys.find(id))!.quota, fixed(0))
      assert.deepEqual(await keys.spend(meterId, Number.MAX_SAFE_INTEGER), exceeded)
    },
  },
  {
    name: 'quota: of 64 that spend at once when a refill is due it comes once',
    facet,
    run: async ({ keys }) => {
      const { id, meterId } = await metered(keys, refilling(3))
      assert.equal(await countSpent(keys, meterId, dueMs), 10)
      assert.deepEqual((await keys.find(id))!.quota, { ...refilling(0), refillAtMs: dueMs + 60_000 })
    },
  },
  {
    name: 'quota: a refill comes at its very millisecond, sets what is left, and the next is due a period later',
    facet,
    run: async ({ keys }) => {
      for (const left of [2, 99]) {
        const { meterId } = await metered(keys, refilling(left))
        const before = { outcome: 'ok', remaining: left - 1, refillAtMs: dueMs } as const
        assert.deepEqual(await keys.spend(meterId, dueMs - 1), before)
        const after = { outcome: 'ok', remaining: 9, refillAtMs: dueMs + 60_000 } as const
        assert.deepEqual(await keys.spend(meterId, dueMs), after)
        // A process whose clock is behind.
        assert.deepEqual(await keys.spend(meterId, dueMs - 1), { ...after, remaining: 8 })
        assert.deepEqual(await keys.spend(meterId, dueMs + 59_999), { ...after, remaining: 7 })
        assert.deepEqual(await keys.spend(meterId, dueMs + 60_000), { ...after, refillAtMs: dueMs + 120_000 })
      }
    },
  },
  {
    name: 'quota: refills that were missed count once, and the next is due at the multiple of the period that follows',
    facet,
    run: async ({ keys }) => {
      for (const [lateMs, nextMs] of [
        [59_999, 60_000],
        [60_000, 120_000],
        [60_001, 120_000],
        [6_000_000_017, 6_000_060_000],
      ] as const) {
        const { id, meterId } = await metered(keys, refilling(0))
        const expected = { outcome: 'ok', remaining: 9, refillAtMs: dueMs + nextMs } as const
        assert.deepEqual(await keys.spend(meterId, dueMs + lateMs), expected)
        assert.deepEqual((await keys.find(id))!.quota, { ...refilling(9), refillAtMs: dueMs + nextMs })
      }
    },
  },
  {
    name: 'quota: where nothing is left it says when more comes, and nothing is spent by asking',
    facet,
    run: async ({ keys }) => {
      const { id, meterId } = await metered(keys, refilling(0))
      for (let time = 0; time < 2; time++) {
        assert.deepEqual(await keys.spend(meterId, dueMs - 1), { outcome: 'exceeded', remaining: 0, refillAtMs: dueMs })
      }
      assert.deepEqual((await keys.find(id))!.quota, refilling(0))
      assert.equal(await countSpent(keys, meterId, dueMs), 10)
    },
  },
  {
    name: 'quota: a key without one has nothing to spend, and so has a meter that nobody knows',
    facet,
    run: async ({ keys }) => {
      const { meterId } = await metered(keys, null)
      for (const meter of [meterId, 'absentabsent', '__proto__']) {
        assert.deepEqual(await keys.spend(meter, 0), { outcome: 'exceeded', remaining: 0, refillAtMs: null })
      }
    },
  },
  {
    name: 'quota: a key and its successors share one, and it changes for all of them',
    facet,
    run: async ({ keys }) => {
      const first = await metered(keys, fixed(40))
      const [second, third] = [newSuccessor(), newSuccessor({ createdAtMs: 1_790_003_700_000 })]
      await keys.spend(first.meterId, 0)
      assert.equal(await keys.rotate(first.id, second, null), 'ok')
      assert.equal(await keys.rotate(second.id, third, null), 'ok')
      const quotas = async () => Promise.all([first, second, third].map(async ({ id }) => (await keys.find(id))!.quota))
      assert.deepEqual(await quotas(), [fixed(39), fixed(39), fixed(39)])
      const { meterId } = (await keys.find(third.id))!
      assert.equal(meterId, first.id)
      assert.equal(await countSpent(keys, meterId, 0), 39)
      assert.deepEqual(await quotas(), [fixed(0), fixed(0), fixed(0)])
      await keys.update(second.id, { quota: refilling(5), name: 'another' })
      assert.deepEqual(await quotas(), [refilling(5), refilling(5), refilling(5)])
      assert.equal((await keys.find(first.id))!.name, first.name)
      await keys.update(third.id, { quota: null })
      assert.deepEqual(await quotas(), [null, null, null])
    },
  },
  {
    name: 'quota: it goes with the last key that shares it, and with none before',
    facet,
    run: async ({ keys }) => {
      const first = await metered(keys, fixed(40))
      const second = newSuccessor()
      await keys.rotate(first.id, second, null)
      await keys.remove(first.id)
      assert.deepEqual((await keys.find(second.id))!.quota, fixed(40))
      assert.equal((await keys.spend(first.meterId, 0)).remaining, 39)
      await keys.remove(second.id)
      assert.equal((await keys.spend(first.meterId, 0)).outcome, 'exceeded')
    },
  },
  {
    name: 'quota: removed while it is rotated a key leaves its successor the quota, and two removed at once leave none',
    facet,
    run: async ({ keys }) => {
      for (let round = 0; round < 8; round++) {
        const [first, second] = [await metered(keys, fixed(5)), newSuccessor()]
        const works = [() => keys.remove(first.id), () => keys.rotate(first.id, second, null)]
        await atOnce(2, async (index) => works[(index + round) % 2]!())
        const found = await keys.find(second.id)
        if (found !== undefined) assert.deepEqual(found.quota, fixed(5))
        const third = await metered(keys, fixed(5))
        const fourth = newSuccessor()
        await keys.rotate(third.id, fourth, null)
        assert.deepEqual(await atOnce(2, async (index) => keys.remove([third, fourth][index]!.id)), [true, true])
        assert.equal((await keys.spend(third.meterId, 0)).outcome, 'exceeded')
      }
    },
  },
  {
    name: 'quota: one that is set by hand counts from then on, and what was spent before does not',
    facet,
    run: async ({ keys }) => {
      const { id, meterId } = await metered(keys, fixed(7))
      await keys.spend(meterId, 0)
      await keys.update(id, { quota: fixed(3) })
      assert.equal(await countSpent(keys, meterId, 0), 3)
      const without = await metered(keys, null)
      await keys.update(without.id, { quota: refilling(2) })
      assert.equal(await countSpent(keys, without.meterId, dueMs - 1), 2)
    },
  },
]
