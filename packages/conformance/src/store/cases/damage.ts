import assert from 'node:assert/strict'
import { StoreError } from '@latchkey/core'
import { bytes, newRequest, retryOf } from '../specimens.js'
import type { StoreCase } from '../store-case.js'
import type { Trial } from '../trial.js'

const facet = 'idempotency'
const needsDamage = true

/** A record that cannot be read any more, and one that can. */
async function damagedAndWhole(trial: Trial) {
  const [damaged, whole] = [newRequest(), newRequest()]
  for (const request of [damaged, whole]) await trial.claim(request)
  await trial.opened.damage?.(damaged.id)
  return { damaged, whole }
}

function isCorrupt(error: unknown): boolean {
  return error instanceof StoreError && error.fault === 'corrupt'
}

export const damageCases: readonly StoreCase[] = [
  {
    name: 'damage: a record that cannot be read is neither run, replayed nor overwritten',
    facet,
    needsDamage,
    run: async (trial) => {
      const { damaged, whole } = await damagedAndWhole(trial)
      for (const request of [damaged, retryOf(damaged)]) await assert.rejects(trial.claim(request), isCorrupt)
      assert.equal(await trial.settle(damaged, bytes('reply')), 'stale')
      assert.equal(await trial.tombstone(damaged, bytes('note')), 'stale')
      assert.equal(await trial.renew(damaged), 'stale')
      assert.equal(await trial.release(damaged), 'stale')
      await assert.rejects(trial.claim(damaged), isCorrupt)
      assert.equal(await trial.settle(whole, bytes('reply')), 'ok')
    },
  },
  {
    name: 'damage: operators are shown a record that cannot be read as that, alone and among others',
    facet,
    needsDamage,
    run: async (trial) => {
      const { damaged, whole } = await damagedAndWhole(trial)
      await assert.doesNotReject(async () => trial.find(damaged.id))
      assert.equal((await trial.find(damaged.id))?.state, 'unreadable')
      const states = new Map((await trial.idempotency.list({ limit: 1000 })).map(({ id, state }) => [id, state]))
      assert.equal(states.get(damaged.id), 'unreadable')
      assert.equal(states.get(whole.id), 'running')
      const page = await trial.idempotency.list({ state: 'unreadable', limit: 1000 })
      assert.deepEqual(
        page.map(({ id }) => id),
        [damaged.id],
      )
    },
  },
  {
    name: 'damage: a record that cannot be read is new, for any request, once it is released by hand',
    facet,
    needsDamage,
    run: async (trial) => {
      const { damaged } = await damagedAndWhole(trial)
      assert.equal(await trial.resolve(damaged, { kind: 'release' }), 'ok')
      assert.equal(await trial.find(damaged.id), undefined)
      assert.deepEqual(await trial.claim(retryOf(damaged)), { outcome: 'claimed', attempt: 1 })
    },
  },
]
