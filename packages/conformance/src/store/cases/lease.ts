import assert from 'node:assert/strict'
import { atOnce, bytes, newRequest, otherOf, retryOf } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'idempotency'

export const leaseCases: readonly StoreCase[] = [
  {
    name: 'lease: once it has lapsed the next claim takes over, and attempts count up',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      for (const attempt of [2, 3, 4]) {
        await trial.advance(15)
        assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'claimed', attempt })
        assert.equal((await trial.claim(retryOf(request))).outcome, 'running')
      }
    },
  },
  {
    name: 'lease: of 64 take-overs at once exactly one is claimed',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.advance(15)
      const answers = await atOnce(64, () => trial.claim(retryOf(request)))
      const claimed = answers.filter(({ outcome }) => outcome === 'claimed')
      assert.deepEqual(claimed, [{ outcome: 'claimed', attempt: 2 }])
      assert.equal(answers.filter(({ outcome }) => outcome === 'running').length, 63)
    },
  },
  {
    name: 'lease: where nobody may take over, a lapsed record is reported as lapsed and stays its owner’s',
    facet,
    run: async (trial) => {
      const request = newRequest({ takeOver: false })
      await trial.claim(request)
      await trial.advance(15)
      for (let time = 0; time < 2; time++) {
        assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'lapsed' })
      }
      assert.equal(await trial.settle(request, bytes('late')), 'ok')
    },
  },
  {
    name: 'lease: it holds until its last millisecond and not a millisecond more',
    facet,
    needsInjectedClock: true,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.advance(9.999)
      assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'running', leaseRemainingMs: 1 })
      await trial.advance(0.001)
      assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'claimed', attempt: 2 })
    },
  },
  {
    name: 'lease: a renewal counts from now',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.advance(6)
      assert.equal(await trial.renew(request), 'ok')
      await trial.advance(6)
      assert.equal((await trial.claim(retryOf(request))).outcome, 'running')
      await trial.advance(6)
      assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'claimed', attempt: 2 })
    },
  },
  {
    name: 'lease: a renewal keeps a lapsed record that nobody took',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.advance(15)
      assert.equal(await trial.renew(request), 'ok')
      assert.equal((await trial.claim(retryOf(request))).outcome, 'running')
    },
  },
  {
    name: 'lease: a record that is renewed stays far beyond its ttl',
    facet,
    run: async (trial) => {
      const request = newRequest({ ttlSeconds: 2 })
      await trial.claim(request)
      for (let time = 0; time < 5; time++) {
        await trial.advance(6)
        assert.equal(await trial.renew(request), 'ok')
      }
      assert.equal((await trial.claim(retryOf(request))).outcome, 'running')
      assert.equal((await trial.claim(otherOf(request))).outcome, 'mismatch')
      assert.equal(await trial.settle(request, bytes('reply')), 'ok')
    },
  },
  {
    name: 'lease: a ttl shorter than the lease does not end the record under its owner',
    facet,
    run: async (trial) => {
      const request = newRequest({ ttlSeconds: 1 })
      await trial.claim(request)
      await trial.advance(5)
      assert.equal((await trial.claim(retryOf(request))).outcome, 'running')
      assert.equal((await trial.claim(otherOf(request))).outcome, 'mismatch')
    },
  },
  {
    name: 'lease: a lapsed record stays for its ttl, then it is absent',
    facet,
    run: async (trial) => {
      const request = newRequest({ takeOver: false })
      await trial.claim(request)
      await trial.advance(20)
      assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'lapsed' })
      assert.deepEqual(await trial.claim(otherOf(request)), { outcome: 'mismatch' })
      await trial.advance(25)
      assert.deepEqual(await trial.claim(otherOf(request)), { outcome: 'claimed', attempt: 1 })
    },
  },
  {
    name: 'lease: a lapsed record is there until the last millisecond of its ttl',
    facet,
    needsInjectedClock: true,
    run: async (trial) => {
      const request = newRequest({ takeOver: false })
      await trial.claim(request)
      await trial.advance(39.999)
      assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'lapsed' })
      await trial.advance(0.001)
      assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'claimed', attempt: 1 })
    },
  },
]
