import assert from 'node:assert/strict'
import { atOnce, digest, newToken } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'replay'
const reserved = { outcome: 'reserved' }
const committed = { outcome: 'committed' }

export const replayCases: readonly StoreCase[] = [
  {
    name: 'replay: of 64 copies at once exactly one is reserved, the others are told that it runs',
    facet,
    run: async (trial) => {
      const id = digest()
      const answers = await atOnce(64, () => trial.reserve(id, newToken()))
      assert.equal(answers.filter(({ outcome }) => outcome === 'reserved').length, 1)
      for (const answer of answers) {
        if (answer.outcome === 'reserved') continue
        assert.equal(answer.outcome, 'running')
        assert.ok(answer.leaseRemainingMs > 0 && answer.leaseRemainingMs <= trial.scaled(10_000))
      }
    },
  },
  {
    name: 'replay: repeated under its own token a reservation is made again, with a fresh lease',
    facet,
    run: async (trial) => {
      const [id, token] = [digest(), newToken()]
      await trial.reserve(id, token)
      await trial.advance(6)
      assert.deepEqual(await trial.reserve(id, token), reserved)
      await trial.advance(6)
      assert.equal((await trial.reserve(id, newToken())).outcome, 'running')
    },
  },
  {
    name: 'replay: a committed message stays committed for its ttl, from the commit on',
    facet,
    run: async (trial) => {
      const [id, token] = [digest(), newToken()]
      await trial.reserve(id, token, 20)
      await trial.advance(18)
      assert.equal(await trial.commit(id, token), 'ok')
      await trial.advance(20)
      for (const by of [newToken(), token]) assert.deepEqual(await trial.reserve(id, by), committed)
      await trial.advance(15)
      assert.deepEqual(await trial.reserve(id, newToken()), reserved)
    },
  },
  {
    name: 'replay: a lease and a commit end at their very millisecond',
    facet,
    needsInjectedClock: true,
    run: async (trial) => {
      const [id, token] = [digest(), newToken()]
      await trial.reserve(id, newToken())
      await trial.advance(9.999)
      assert.deepEqual(await trial.reserve(id, token), { outcome: 'running', leaseRemainingMs: 1 })
      await trial.advance(0.001)
      assert.deepEqual(await trial.reserve(id, token), reserved)
      await trial.commit(id, token)
      await trial.advance(29.999)
      assert.deepEqual(await trial.reserve(id, newToken()), committed)
      await trial.advance(0.001)
      assert.deepEqual(await trial.reserve(id, newToken()), reserved)
    },
  },
  {
    name: 'replay: a released message can be handled again',
    facet,
    run: async (trial) => {
      const [id, token] = [digest(), newToken()]
      await trial.reserve(id, token)
      assert.equal(await trial.giveUp(id, token), 'ok')
      assert.equal(await trial.commit(id, token), 'stale')
      assert.deepEqual(await trial.reserve(id, newToken()), reserved)
    },
  },
  {
    name: 'replay: a reservation that has lapsed is another’s for the asking, and then no longer the first one’s',
    facet,
    run: async (trial) => {
      const [id, first, second] = [digest(), newToken(), newToken()]
      await trial.reserve(id, first)
      await trial.advance(15)
      assert.deepEqual(await trial.reserve(id, second), reserved)
      assert.equal(await trial.commit(id, first), 'stale')
      assert.equal(await trial.giveUp(id, first), 'stale')
      assert.equal((await trial.reserve(id, first)).outcome, 'running')
      assert.equal(await trial.commit(id, second), 'ok')
    },
  },
  {
    name: 'replay: of 64 that take a lapsed reservation over at once exactly one gets it',
    facet,
    run: async (trial) => {
      const id = digest()
      await trial.reserve(id, newToken())
      await trial.advance(15)
      const answers = await atOnce(64, () => trial.reserve(id, newToken()))
      assert.equal(answers.filter(({ outcome }) => outcome === 'reserved').length, 1)
    },
  },
  {
    name: 'replay: a holder that was slow can still commit, if nobody took over',
    facet,
    run: async (trial) => {
      const [id, token] = [digest(), newToken()]
      await trial.reserve(id, token)
      await trial.advance(45)
      assert.equal(await trial.commit(id, token), 'ok')
      assert.deepEqual(await trial.reserve(id, newToken()), committed)
    },
  },
  {
    name: 'replay: a commit that is repeated is ok and does not prolong it, a release comes too late',
    facet,
    run: async (trial) => {
      const [id, token] = [digest(), newToken()]
      await trial.reserve(id, token)
      await trial.commit(id, token)
      await trial.advance(20)
      assert.equal(await trial.commit(id, token), 'ok')
      assert.equal(await trial.giveUp(id, token), 'stale')
      assert.deepEqual(await trial.reserve(id, newToken()), committed)
      await trial.advance(15)
      assert.deepEqual(await trial.reserve(id, newToken()), reserved)
    },
  },
  {
    name: 'replay: strangers neither commit nor release, and what was never reserved is stale',
    facet,
    run: async (trial) => {
      const [id, token] = [digest(), newToken()]
      assert.equal(await trial.commit(id, token), 'stale')
      assert.equal(await trial.giveUp(id, token), 'stale')
      await trial.reserve(id, token)
      assert.equal(await trial.commit(id, newToken()), 'stale')
      assert.equal(await trial.giveUp(id, newToken()), 'stale')
      assert.equal((await trial.reserve(id, newToken())).outcome, 'running')
      assert.equal(await trial.commit(id, token), 'ok')
      assert.equal(await trial.commit(id, newToken()), 'stale')
    },
  },
  {
    name: 'replay: messages do not meet, whatever their ids look like',
    facet,
    run: async (trial) => {
      const ids = ['__proto__', 'constructor', 'a', 'A', 'a ', 'a%', "a'--", '1', '01']
      for (const id of ids) assert.deepEqual(await trial.reserve(id, newToken()), reserved, id)
    },
  },
]
