import assert from 'node:assert/strict'
import type { ClaimRequest } from '@latchkey/core'
import { atOnce, bytes, digest, newRequest, newToken, otherOf, retryOf } from '../specimens.js'
import type { StoreCase } from '../store-case.js'
import type { Trial } from '../trial.js'

const facet = 'idempotency'

/** Ways into every state that a record can be in. */
const states: Readonly<Record<string, (trial: Trial, request: ClaimRequest) => Promise<unknown>>> = {
  running: async () => undefined,
  lapsed: (trial) => trial.advance(15),
  settled: (trial, request) => trial.settle(request, bytes('reply')),
  tombstone: (trial, request) => trial.tombstone(request, bytes('note')),
}

/** Ids that some database, collation, pattern or object would take for others of them. */
const lookAlikes = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'],
  ...['a', 'A', 'a ', ' a', 'a%', 'a_', 'a*', '[a]', 'aa', 'a:a', 'a\\', "a'--", 'a"', '{a}', '#{a}', '?', '$1', ':id'],
  ...['0', '00', '1e3', '1000', '-0', 'null', 'undefined', 'NaN', 'true', 'a/../b', 'b', 'x'.repeat(200)],
]

export const claimCases: readonly StoreCase[] = [
  {
    name: 'claim: a new key is claimed at the first attempt',
    facet,
    run: async (trial) => {
      assert.deepEqual(await trial.claim(newRequest()), { outcome: 'claimed', attempt: 1 })
    },
  },
  {
    name: 'claim: a retry is told that the first is running and for how long its lease holds',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.advance(2)
      const answer = await trial.claim(retryOf(request))
      assert.equal(answer.outcome, 'running')
      assert.ok(answer.leaseRemainingMs > 0 && answer.leaseRemainingMs <= trial.scaled(8000), 'too long or too short')
      if (trial.isClockInjected) assert.equal(answer.leaseRemainingMs, trial.scaled(8000))
    },
  },
  {
    name: 'claim: of 64 at once exactly one is claimed, the others are told that it runs',
    facet,
    run: async (trial) => {
      const request = newRequest()
      const answers = await atOnce(64, () => trial.claim(retryOf(request)))
      const claimed = answers.filter(({ outcome }) => outcome === 'claimed')
      assert.deepEqual(claimed, [{ outcome: 'claimed', attempt: 1 }])
      assert.equal(answers.filter(({ outcome }) => outcome === 'running').length, 63)
    },
  },
  {
    name: 'claim: of 64 different requests under one key at once exactly one is claimed, the others mismatch',
    facet,
    run: async (trial) => {
      const request = newRequest()
      const answers = await atOnce(64, () => trial.claim(otherOf(request)))
      assert.equal(answers.filter(({ outcome }) => outcome === 'claimed').length, 1)
      assert.equal(answers.filter(({ outcome }) => outcome === 'mismatch').length, 63)
    },
  },
  {
    name: 'claim: repeated under its own token it is claimed again, at the same attempt and with a fresh lease',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.advance(6)
      assert.deepEqual(await trial.claim(request), { outcome: 'claimed', attempt: 1 })
      await trial.advance(6)
      assert.equal((await trial.claim(retryOf(request))).outcome, 'running')
    },
  },
  {
    name: 'claim: repeated under its own token after the lease has lapsed it is claimed again, whoever may take over',
    facet,
    run: async (trial) => {
      for (const takeOver of [true, false]) {
        const request = newRequest({ takeOver })
        await trial.claim(request)
        await trial.advance(15)
        assert.deepEqual(await trial.claim(request), { outcome: 'claimed', attempt: 1 })
        assert.equal((await trial.claim(retryOf(request))).outcome, 'running')
      }
    },
  },
  {
    name: 'claim: a token that has lost the record is not recognised any more',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.advance(15)
      await trial.claim(retryOf(request))
      assert.equal((await trial.claim(request)).outcome, 'running')
    },
  },
  ...Object.entries(states).map(
    ([state, enter]): StoreCase => ({
      name: `claim: another request under a ${state} key is a mismatch and changes nothing`,
      facet,
      run: async (trial) => {
        const request = newRequest()
        await trial.claim(request)
        await enter(trial, request)
        const before = await trial.find(request.id)
        for (const takeOver of [true, false]) {
          assert.deepEqual(await trial.claim({ ...otherOf(request), takeOver }), { outcome: 'mismatch' })
        }
        assert.deepEqual(await trial.claim({ ...request, fingerprint: digest() }), { outcome: 'mismatch' })
        assert.deepEqual(await trial.find(request.id), before)
      },
    }),
  ),
  {
    name: 'claim: a released key is new, for any request',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.release(request)
      assert.deepEqual(await trial.claim(otherOf(request)), { outcome: 'claimed', attempt: 1 })
    },
  },
  {
    name: 'claim: ids are compared byte by byte, whatever they look like',
    facet,
    run: async (trial) => {
      const token = newToken()
      for (const id of lookAlikes) {
        const request = newRequest({ id, token })
        assert.deepEqual(await trial.claim(request), { outcome: 'claimed', attempt: 1 }, id)
        await trial.settle(request, bytes(`reply of ${id}`))
      }
      for (const id of lookAlikes) assert.deepEqual((await trial.find(id))?.content, bytes(`reply of ${id}`))
      assert.equal(await trial.find('valueOf'), undefined)
    },
  },
]
