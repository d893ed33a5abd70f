import assert from 'node:assert/strict'
import type { RateCount } from '@latchkey/core'
import { atOnce, digest } from '../specimens.js'
import type { StoreCase } from '../store-case.js'
import type { Trial } from '../trial.js'

const facet = 'rates'

/** Ids that a database, a pattern or a cluster would take for something else, and that resemble one another. */
const unusual = [
  'k',
  'K',
  'k ',
  'k\0',
  'k%',
  '*',
  '{k}',
  '{}k',
  `'; --`,
  '__proto__',
  '💶',
  '\ud800',
  '\udfff',
  '\ufeffk',
  '',
]

/** As many requests, one after the other: which of them are allowed. */
async function allowed(trial: Trial, meterId: string, count: number, limit: number): Promise<boolean[]> {
  const answers: boolean[] = []
  for (let request = 0; request < count; request++) answers.push((await trial.count(meterId, { limit })).isAllowed)
  return answers
}

/** A clock that runs has run a little further. */
function assertLeft(trial: Trial, { resetMs }: RateCount, seconds: number): void {
  const mostMs = trial.scaled(seconds) * 1000
  if (trial.isClockInjected) assert.equal(resetMs, mostMs)
  else assert.ok(resetMs > 0 && resetMs <= mostMs, `${resetMs} ms are left, and not up to ${mostMs}`)
}

export const rateCases: readonly StoreCase[] = [
  {
    name: 'rates: of 64 at once exactly as many are allowed as the limit says, and each is told what is left',
    facet,
    run: async (trial) => {
      const meter = digest()
      const answers = await atOnce(64, () => trial.count(meter, { limit: 20 }))
      const left = answers.filter(({ isAllowed }) => isAllowed).map(({ remaining }) => remaining)
      assert.deepEqual(
        left.sort((a, b) => b - a),
        Array.from({ length: 20 }, (_, index) => 19 - index),
      )
      for (const { isAllowed, remaining } of answers) assert.ok(isAllowed || remaining === 0)
    },
  },
  {
    name: 'rates: a window begins with its first request, and each request is told when it ends',
    facet,
    run: async (trial) => {
      const meter = digest()
      assertLeft(trial, await trial.count(meter, { limit: 3, windowSeconds: 30 }), 30)
      await trial.advance(10)
      for (const isAllowed of [true, true, false]) {
        const answer = await trial.count(meter, { limit: 3, windowSeconds: 30 })
        assert.equal(answer.isAllowed, isAllowed)
        assertLeft(trial, answer, 20)
      }
      await trial.advance(25)
      const fresh = await trial.count(meter, { limit: 3, windowSeconds: 30 })
      assert.deepEqual([fresh.isAllowed, fresh.remaining], [true, 2])
      assertLeft(trial, fresh, 30)
    },
  },
  {
    name: 'rates: requests that are refused do not prolong a window',
    facet,
    run: async (trial) => {
      const meter = digest()
      await allowed(trial, meter, 2, 1)
      // Early in the window: on a clock that runs the three have most of it.
      await trial.advance(1)
      assert.deepEqual(await allowed(trial, meter, 3, 1), [false, false, false])
      await trial.advance(9.5)
      assert.deepEqual(await allowed(trial, meter, 2, 1), [true, false])
    },
  },
  {
    name: 'rates: a window ends at its very millisecond, so that traffic at the limit’s own rate is never refused',
    facet,
    needsInjectedClock: true,
    run: async (trial) => {
      const meter = digest()
      for (let window = 0; window < 3; window++) {
        assert.deepEqual(await allowed(trial, meter, 3, 2), [true, true, false])
        await trial.advance(9.999)
        assert.deepEqual(await allowed(trial, meter, 1, 2), [false])
        await trial.advance(0.001)
      }
    },
  },
  {
    name: 'rates: under another limit the count and the window’s end stay, and what was refused was not counted',
    facet,
    run: async (trial) => {
      const meter = digest()
      assert.deepEqual(await allowed(trial, meter, 5, 3), [true, true, true, false, false])
      const larger = await trial.count(meter, { limit: 5, windowSeconds: 60 })
      assert.deepEqual([larger.isAllowed, larger.remaining], [true, 1])
      assertLeft(trial, larger, 10)
      const smaller = await trial.count(meter, { limit: 2, windowSeconds: 1 })
      assert.deepEqual([smaller.isAllowed, smaller.remaining], [false, 0])
      assertLeft(trial, smaller, 10)
      assert.deepEqual(await allowed(trial, meter, 2, 5), [true, false])
    },
  },
  {
    name: 'rates: meters are counted apart and compared byte by byte, whatever they look like',
    facet,
    run: async (trial) => {
      for (const meter of unusual) assert.deepEqual(await allowed(trial, meter, 2, 1), [true, false], meter)
    },
  },
]
