import assert from 'node:assert/strict'
import { apiKeys, memoryStore, type NewApiKey } from '@latchkey/core'
import { atOnce } from '../specimens.js'
import type { StoreCase } from '../store-case.js'
import { both, type Outcome, outcome, TwoInstances } from '../two-instances.js'

const facet = 'keys'
const owner = { ownerId: 'alice' }

/** API keys as an application has them, over this store: what no single method of the contract shows. */
export const apiKeyCases: readonly StoreCase[] = [
  {
    name: 'api keys: revoked while its uses are noted a key stays revoked, in every instance',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        for (let turns = 0; turns < 12; turns++) {
          const { key, info } = await two.first.issue(owner)
          const used = atOnce(8, async (index) => {
            // A use of another minute is written.
            two.nowMs += 61_000
            await (index % 2 === 0 ? two.first : two.second).verify(key)
          })
          // A little later each time, so that it meets each step of a use somewhere.
          for (let turn = 0; turn < turns; turn++) await undefined
          await two.first.revoke(info.id, 'lost')
          await used
          await two.flush()
          assert.deepEqual(await two.verify(key), both('revoked'))
          await two.flush()
          const { revokedAtMs, revocationReason } = (await trial.keys.find(info.id))!
          assert.ok(revokedAtMs !== null && revocationReason === 'lost')
        }
      }),
  },
  {
    name: 'api keys: what one instance disables the other refuses, from then on and until it is enabled',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const { key, info } = await two.first.issue(owner)
        assert.deepEqual(await two.verify(key), both('valid'))
        await two.first.disable(info.id)
        assert.deepEqual(await two.verify(key), both('disabled'))
        await two.second.enable(info.id)
        assert.deepEqual(await two.verify(key), both('valid'))
      }),
  },
  {
    name: 'api keys: a disabled key that is rotated stays disabled, and so is its successor',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const old = await two.first.issue(owner)
        await two.first.disable(old.info.id)
        const { key, info } = await two.second.rotate(old.info.id)
        assert.deepEqual(await two.verify(old.key), both('disabled'))
        assert.deepEqual(await two.verify(key), both('disabled'))
        await two.first.enable(info.id)
        assert.deepEqual(await two.verify(key), both('valid'))
        assert.deepEqual(await two.verify(old.key), both('disabled'))
      }),
  },
  {
    name: 'api keys: an end that is no time to come is refused, and no key comes about',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async ({ first, nowMs }) => {
        const kept = await first.issue({ ...owner, expiresAt: nowMs + 1000 })
        const ends = ['soon', Number.NaN, -1, nowMs - 1, Number.POSITIVE_INFINITY, new Date('soon'), true, {}]
        for (const expiresAt of ends as unknown as number[]) {
          for (const refused of [first.issue({ ...owner, expiresAt }), first.update(kept.info.id, { expiresAt })]) {
            await assert.rejects(refused, { name: 'ConfigurationError', message: /"expiresAt" must be/ })
          }
        }
        const left = await trial.keys.list({ limit: 10 })
        assert.deepEqual(
          left.map(({ id, expiresAtMs }) => [id, expiresAtMs]),
          [[kept.info.id, nowMs + 1000]],
        )
      }),
  },
  {
    name: 'api keys: of 64 uses at once, over two instances, so many pass as the quota has left',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const { key } = await two.first.issue({ ...owner, quota: { remaining: 7 } })
        const outcomes = await atOnce(64, async (index) =>
          outcome(await (index % 2 === 0 ? two.first : two.second).verify(key)),
        )
        assert.equal(outcomes.filter((each) => each === 'valid').length, 7)
        assert.equal(outcomes.filter((each) => each === 'quota-exceeded').length, 57)
      }),
  },
  {
    name: 'api keys: what is denied spends nothing of the quota',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const scopes: NewApiKey['scopes'] = ['payments:read']
        const { key, info } = await two.first.issue({ ...owner, scopes, quota: { remaining: 2 } })
        const denied = async (what: Outcome, requirements = {}, presented = key) =>
          assert.equal(outcome(await two.second.verify(presented, requirements)), what)
        await denied('insufficient-scope', { scopes: ['payments:write'] })
        await denied('environment-mismatch', { environments: ['test'] })
        await denied('malformed', {}, `${key}x`)
        await two.first.disable(info.id)
        await denied('disabled')
        await two.first.enable(info.id)
        assert.deepEqual(await two.verify(key), both('valid'))
        assert.deepEqual(await two.verify(key), both('quota-exceeded'))
      }),
  },
  {
    name: 'api keys: one that has expired gets the same answer every time, from every instance',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const { key } = await two.first.issue({ ...owner, expiresAt: two.nowMs + 1000 })
        two.nowMs += 999
        assert.deepEqual(await two.verify(key), both('valid'))
        await two.flush()
        two.nowMs += 1
        for (let time = 0; time < 3; time++) {
          assert.deepEqual(await two.verify(key), both('expired'))
          await two.flush()
          two.nowMs += 120_000
        }
      }),
  },
  {
    name: 'api keys: a prefix may hold underscores, and one may begin with another',
    facet,
    run: (trial) =>
      TwoInstances.on(
        trial,
        async (two) => {
          const { key, info } = await two.first.issue(owner)
          assert.ok(key.startsWith('my_app_v2_live_') && info.display.startsWith('my_app_v2_live_'))
          const next = await two.second.rotate(info.id)
          assert.deepEqual(await two.verify(key), both('valid'))
          assert.deepEqual(await two.verify(next.key), both('valid'))
          const shorter = two.configured({ prefix: 'my_app' })
          assert.equal(outcome(await shorter.verify(key)), 'malformed')
        },
        { prefix: 'my_app_v2' },
      ),
  },
  {
    name: 'api keys: keys that nobody was given leave nothing in the store, however many they are',
    facet,
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const { key, info } = await two.first.issue(owner)
        const before = await trial.keys.find(info.id)
        const strangers = apiKeys({ store: memoryStore(), prefix: 'acme' })
        for (let round = 0; round < 4; round++) {
          await atOnce(32, async () => {
            const stranger = await strangers.issue(owner)
            assert.equal(outcome(await two.second.verify(stranger.key)), 'unknown')
          })
        }
        await two.flush()
        assert.deepEqual(await trial.keys.list({ limit: 10 }), [before])
        assert.deepEqual(await two.verify(key), both('valid'))
      }),
  },
  {
    name: 'api keys: traffic at exactly the rate of a limit is never refused',
    facet: 'rates',
    run: (trial) =>
      TwoInstances.on(trial, async (two) => {
        const rateLimit = { limit: 5, windowSeconds: trial.scaled(10) }
        const { key } = await two.first.issue({ ...owner, rateLimit })
        for (let request = 0; request < 12; request++) {
          const instance = request % 2 === 0 ? two.first : two.second
          assert.equal(outcome(await instance.verify(key)), 'valid', `request ${request + 1}`)
          // Timers can be a millisecond early.
          await trial.advance(trial.isClockInjected ? 2 : 2.02)
        }
      }),
  },
]
