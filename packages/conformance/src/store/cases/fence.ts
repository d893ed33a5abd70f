import assert from 'node:assert/strict'
import type { ClaimRequest, FencedWrite } from '@latchkey/core'
import { atOnce, bytes, newRequest, retryOf } from '../specimens.js'
import type { StoreCase } from '../store-case.js'
import type { Trial } from '../trial.js'

const facet = 'idempotency'

/** Every write that a token fences. */
const writes: Readonly<Record<string, (trial: Trial, claimant: ClaimRequest) => Promise<FencedWrite>>> = {
  renew: (trial, claimant) => trial.renew(claimant),
  settle: (trial, claimant) => trial.settle(claimant, bytes('mine')),
  release: (trial, claimant) => trial.release(claimant),
  tombstone: (trial, claimant) => trial.tombstone(claimant, bytes('mine')),
}

/** Situations in which a write of `claimant` is stale. */
const situations: Readonly<Record<string, (trial: Trial, claimant: ClaimRequest) => Promise<unknown>>> = {
  'after another has taken over': async (trial, claimant) => {
    await trial.claim(claimant)
    await trial.advance(15)
    await trial.claim(retryOf(claimant))
  },
  'while another runs': (trial, claimant) => trial.claim(retryOf(claimant)),
  'after another has settled': async (trial, claimant) => {
    const other = retryOf(claimant)
    await trial.claim(other)
    await trial.settle(other, bytes('theirs'))
  },
  'where nothing was claimed': async () => undefined,
  'after its own release': async (trial, claimant) => {
    await trial.claim(claimant)
    await trial.release(claimant)
  },
  'after the record has expired': async (trial, claimant) => {
    await trial.claim(claimant)
    await trial.advance(50)
  },
}

export const fenceCases: readonly StoreCase[] = [
  ...Object.entries(situations).flatMap(([situation, enter]) =>
    Object.entries(writes).map(
      ([name, write]): StoreCase => ({
        name: `fence: ${name} ${situation} is stale and changes nothing`,
        facet,
        run: async (trial) => {
          const claimant = newRequest()
          await enter(trial, claimant)
          const before = await trial.find(claimant.id)
          assert.equal(await write(trial, claimant), 'stale')
          assert.deepEqual(await trial.find(claimant.id), before)
        },
      }),
    ),
  ),
  ...['settle', 'tombstone'].flatMap((ending) =>
    Object.entries(writes).map(
      ([name, write]): StoreCase => ({
        name: `fence: ${name} after its own ${ending} is ${name === ending ? 'a repeat' : 'stale'} and changes nothing`,
        facet,
        run: async (trial) => {
          const claimant = newRequest()
          await trial.claim(claimant)
          await writes[ending]!(trial, claimant)
          const before = await trial.find(claimant.id)
          await trial.advance(1)
          assert.equal(await write(trial, claimant), name === ending ? 'ok' : 'stale')
          assert.deepEqual(await trial.find(claimant.id), before)
        },
      }),
    ),
  ),
  {
    name: 'fence: of 64 that settle at once only the owner’s reply is stored',
    facet,
    run: async (trial) => {
      const owner = newRequest()
      await trial.claim(owner)
      const answers = await atOnce(64, (index) =>
        index === 40
          ? trial.settle(owner, bytes('the owner’s'))
          : trial.settle(retryOf(owner), bytes(`stranger ${index}`)),
      )
      assert.deepEqual(
        answers.flatMap((answer, index) => (answer === 'ok' ? [index] : [])),
        [40],
      )
      assert.deepEqual(await trial.claim(retryOf(owner)), { outcome: 'settled', reply: bytes('the owner’s') })
    },
  },
  {
    name: 'fence: the new owner is not disturbed by the old one’s writes',
    facet,
    run: async (trial) => {
      const old = newRequest()
      await trial.claim(old)
      await trial.advance(15)
      const owner = retryOf(old)
      await trial.claim(owner)
      for (const write of Object.values(writes)) assert.equal(await write(trial, old), 'stale')
      assert.equal(await trial.renew(owner), 'ok')
      assert.equal(await trial.settle(owner, bytes('the new owner’s')), 'ok')
      assert.equal(await trial.settle(old, bytes('the old owner’s')), 'stale')
      assert.deepEqual(await trial.claim(retryOf(old)), { outcome: 'settled', reply: bytes('the new owner’s') })
    },
  },
]
