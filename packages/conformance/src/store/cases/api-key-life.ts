import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { StoreError } from '@latchkey/core'
import { atOnce } from '../specimens.js'
import type { StoreCase } from '../store-case.js'
import { both, outcome, TwoInstances } from '../two-instances.js'

const facet = 'keys'
const owner = { ownerId: 'alice' }
const [older, newer] = ['an older pepper, of 32 bytes at least', 'a newer pepper, of 32 bytes at least']

/** How keys change hands, hashes and owners' numbers, over this store. */
export const apiKeyLifeCases: readonly StoreCase[] = [
  {
    name: 'api keys: under a new pepper an old key is good, is hashed anew by its use, and outlives the old pepper',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const before = two.configured({ peppers: { current: 'a', secrets: { a: older } } })
        const during = two.configured({ peppers: { current: 'b', secrets: { a: older, b: newer } } })
        const after = two.configured({ peppers: { current: 'b', secrets: { b: newer } } })
        const { key, info } = await before.issue(owner)
        // Neither right nor wrong: the guard answers 503.
        await assert.rejects(async () => after.verify(key), StoreError)
        const outcomes = await atOnce(8, async () => outcome(await during.verify(key)))
        assert.deepEqual(new Set(outcomes), new Set(['valid']))
        await during.flush()
        const { algorithm, pepperId } = (await trial.keys.find(info.id))!
        assert.deepEqual({ algorithm, pepperId }, { algorithm: 'hmac-sha256', pepperId: 'b' })
        assert.equal(outcome(await after.verify(key)), 'valid')
        await Promise.all([during.flush(), after.flush()])
      }),
  },
  {
    name: 'api keys: an imported digest is good, has one of ours from its first use, and is imported once',
    facet,
    run: (trial) =>
      TwoInstances.on(
        trial,
        async (two) => {
          const foreign = 'sk_old_0123456789abcdef0123456789abcdef'
          const digest = createHash('sha256').update(foreign).digest('hex')
          const row = { ...owner, algorithm: 'sha256', digest } as const
          const outcomes: string[] = []
          for (const instance of [two.first, two.second]) {
            for await (const result of instance.import([row])) outcomes.push(result.outcome)
          }
          assert.deepEqual(outcomes, ['ok', 'taken'])
          assert.deepEqual(await two.verify(foreign), both('valid'))
          await two.flush()
          const [record, ...others] = await trial.keys.list({ limit: 10 })
          assert.deepEqual([record!.pepperId, others], ['a', []])
          assert.deepEqual(await two.verify(foreign), both('valid'))
          assert.deepEqual(await two.verify(foreign.replace('old', 'new')), both('unknown'))
          await two.second.revoke(record!.id)
          assert.deepEqual(await two.verify(foreign), both('revoked'))
        },
        { peppers: { current: 'a', secrets: { a: older } }, legacy: [{ name: 'old', pattern: /^sk_/ }] },
      ),
  },
  {
    name: 'api keys: a grace that begins at the first use of the new key ends the old one, in every instance',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const old = await two.first.issue(owner)
        const { key } = await two.first.rotate(old.info.id, { graceSeconds: 60, graceFrom: 'first-use' })
        two.nowMs += 3_600_000
        assert.deepEqual(await two.verify(old.key), both('valid'))
        assert.deepEqual(await two.verify(key), both('valid'))
        await two.flush()
        two.nowMs += 59_999
        assert.deepEqual(await two.verify(old.key), both('valid'))
        two.nowMs += 1
        assert.deepEqual(await two.verify(old.key), both('expired'))
        assert.deepEqual(await two.verify(key), both('valid'))
      }),
  },
  {
    name: 'api keys: of 32 issued at once, over two instances, so many come about as their owner may have',
    facet,
    run: (trial) =>
      TwoInstances.on(
        trial,
        async (two) => {
          const outcomes = await atOnce(32, (index) =>
            (index % 2 === 0 ? two.first : two.second).issue(owner).then(
              () => 'issued',
              (error: { fault?: string }) => error.fault,
            ),
          )
          assert.equal(outcomes.filter((each) => each === 'issued').length, 5)
          assert.equal(outcomes.filter((each) => each === 'too-many-keys').length, 27)
          assert.equal((await trial.keys.list({ ownerId: 'alice', limit: 100 })).length, 5)
        },
        { maxActiveKeys: 5 },
      ),
  },
  {
    name: 'api keys: all keys of an owner are revoked for every instance, and none of another',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const mine = [await two.first.issue(owner), await two.second.issue(owner)]
        const other = await two.first.issue({ ownerId: 'bob' })
        for (const { key } of [...mine, other]) assert.deepEqual(await two.verify(key), both('valid'))
        const ids = await two.first.revokeAll('alice', 'account closed')
        assert.deepEqual([...ids].sort(), mine.map(({ info }) => info.id).sort())
        for (const { key } of mine) assert.deepEqual(await two.verify(key), both('revoked'))
        assert.deepEqual(await two.verify(other.key), both('valid'))
      }),
  },
  {
    name: 'api keys: a rotated key and its successor have one rate limit between them, and one quota',
    facet: 'rates',
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const rateLimit = { limit: 4, windowSeconds: 3600 }
        for (const [limits, end] of [
          [{ rateLimit }, 'rate-limited'],
          [{ quota: { remaining: 4 } }, 'quota-exceeded'],
        ] as const) {
          const old = await two.first.issue({ ...owner, ...limits })
          const { key } = await two.second.rotate(old.info.id)
          assert.deepEqual(await two.verify(old.key), both('valid'))
          assert.deepEqual(await two.verify(key), both('valid'))
          assert.deepEqual(await two.verify(old.key), both(end))
          assert.deepEqual(await two.verify(key), both(end))
        }
      }),
  },
  {
    name: 'api keys: what lacks a scope counts against the rate limit',
    facet: 'rates',
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const { key } = await two.first.issue({ ...owner, rateLimit: { limit: 2, windowSeconds: 3600 } })
        for (const what of ['insufficient-scope', 'insufficient-scope', 'rate-limited'] as const) {
          assert.equal(outcome(await two.second.verify(key, { scopes: ['payments:write'] })), what)
        }
      }),
  },
]
