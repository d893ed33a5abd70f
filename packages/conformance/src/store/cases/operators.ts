import assert from 'node:assert/strict'
import { bytes, newRequest, otherOf, retryOf } from '../specimens.js'
import type { StoreCase } from '../store-case.js'
import type { Trial } from '../trial.js'

const facet = 'idempotency'
const reply = bytes('by hand')

/** A record in each state, under its own key. */
async function oneOfEach(trial: Trial) {
  const lapsed = newRequest()
  await trial.claim(lapsed)
  await trial.advance(15)
  const [running, settled, tombstone] = [newRequest(), newRequest(), newRequest()]
  for (const request of [running, settled, tombstone]) await trial.claim(request)
  await trial.settle(settled, bytes('reply'))
  await trial.tombstone(tombstone, bytes('note'))
  return { lapsed, running, settled, tombstone }
}

export const operatorCases: readonly StoreCase[] = [
  {
    name: 'find: a record is shown as it stands',
    facet,
    run: async (trial) => {
      const records = await oneOfEach(trial)
      for (const [state, request] of Object.entries(records)) {
        const record = (await trial.find(request.id))!
        const { id, scope, fingerprint } = request
        const { createdAtMs, leaseUntilMs, expiresAtMs, content, ...rest } = record
        assert.deepEqual(rest, { id, scope, fingerprint, state, attempt: 1 })
        const texts = { settled: 'reply', tombstone: 'note' } as const
        const text = texts[state as keyof typeof texts]
        assert.deepEqual(content, text === undefined ? undefined : bytes(text))
        assert.equal(leaseUntilMs === undefined, text !== undefined)
        assert.ok(Number.isInteger(createdAtMs) && Number.isInteger(expiresAtMs) && expiresAtMs > createdAtMs)
      }
      assert.equal(await trial.find(newRequest().id), undefined)
    },
  },
  {
    name: 'find: times are those of the first claim, of the lease and of the end',
    facet,
    needsInjectedClock: true,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      const { createdAtMs } = (await trial.find(request.id))!
      await trial.advance(15)
      const owner = retryOf(request)
      await trial.claim(owner)
      const { attempt, ...taken } = (await trial.find(request.id))!
      assert.equal(attempt, 2)
      assert.equal(taken.createdAtMs, createdAtMs)
      assert.equal(taken.leaseUntilMs, createdAtMs + 25_000)
      assert.equal(taken.expiresAtMs, createdAtMs + 55_000)
      await trial.advance(1)
      await trial.settle(owner, bytes('reply'))
      assert.equal((await trial.find(request.id))?.expiresAtMs, createdAtMs + 46_000)
    },
  },
  {
    name: 'list: pages go through all records in the order of their ids, without contents',
    facet,
    run: async (trial) => {
      const requests = Array.from({ length: 25 }, () => newRequest())
      for (const request of requests) {
        await trial.claim(request)
        await trial.settle(request, bytes('reply'))
      }
      const found: string[] = []
      for (let pages = 0; pages < 4; pages++) {
        const after = found.at(-1)
        const page = await trial.idempotency.list({ limit: 10, ...(after === undefined ? {} : { after }) })
        assert.equal(page.length, pages < 2 ? 10 : pages === 2 ? 5 : 0)
        for (const record of page) assert.ok(!('content' in record) && record.state === 'settled')
        found.push(...page.map(({ id }) => id))
      }
      assert.deepEqual(found, requests.map(({ id }) => id).sort())
    },
  },
  {
    name: 'list: by state, and nothing that has expired',
    facet,
    run: async (trial) => {
      const records = await oneOfEach(trial)
      for (const [state, { id }] of Object.entries(records)) {
        const page = await trial.idempotency.list({ state: state as keyof typeof records, limit: 1000 })
        assert.deepEqual(
          page.map((record) => record.id),
          [id],
        )
      }
      assert.equal((await trial.idempotency.list({ limit: 1000 })).length, 4)
      await trial.advance(60)
      assert.deepEqual(await trial.idempotency.list({ limit: 1000 }), [])
    },
  },
  {
    name: 'resolve: a record whose lease holds is left alone',
    facet,
    run: async (trial) => {
      const { running } = await oneOfEach(trial)
      for (const resolution of [{ kind: 'release' }, { kind: 'settle', reply }] as const) {
        assert.equal(await trial.resolve(running, resolution), 'live')
      }
      assert.equal(await trial.settle(running, bytes('the owner’s')), 'ok')
    },
  },
  {
    name: 'resolve: where there is no record, or none any more, it is absent and none comes about',
    facet,
    run: async (trial) => {
      const { settled } = await oneOfEach(trial)
      await trial.advance(60)
      for (const request of [settled, newRequest()]) {
        for (const resolution of [{ kind: 'release' }, { kind: 'settle', reply }] as const) {
          assert.equal(await trial.resolve(request, resolution), 'absent')
        }
        assert.equal(await trial.find(request.id), undefined)
      }
    },
  },
  ...(['lapsed', 'tombstone', 'settled'] as const).map(
    (state): StoreCase => ({
      name: `resolve: a ${state} record that is released is new, for any request`,
      facet,
      run: async (trial) => {
        const { [state]: request } = await oneOfEach(trial)
        assert.equal(await trial.resolve(request, { kind: 'release' }), 'ok')
        assert.deepEqual(await trial.claim(otherOf(request)), { outcome: 'claimed', attempt: 1 })
      },
    }),
  ),
  ...(['lapsed', 'tombstone'] as const).map(
    (state): StoreCase => ({
      name: `resolve: a ${state} record that is settled answers with that reply for its ttl, and its owner comes too late`,
      facet,
      run: async (trial) => {
        const { [state]: request } = await oneOfEach(trial)
        assert.equal(await trial.resolve(request, { kind: 'settle', reply }), 'ok')
        assert.equal(await trial.settle(request, bytes('the owner’s')), 'stale')
        assert.equal(await trial.tombstone(request, bytes('the owner’s')), 'stale')
        assert.equal(await trial.renew(request), 'stale')
        assert.equal(await trial.release(request), 'stale')
        await trial.advance(20)
        assert.deepEqual(await trial.claim(request), { outcome: 'settled', reply })
        assert.deepEqual(await trial.claim(otherOf(request)), { outcome: 'mismatch' })
        await trial.advance(15)
        assert.deepEqual(await trial.claim(request), { outcome: 'claimed', attempt: 1 })
      },
    }),
  ),
  {
    name: 'resolve: a reply that a client may have is not replaced',
    facet,
    run: async (trial) => {
      const { settled } = await oneOfEach(trial)
      assert.equal(await trial.resolve(settled, { kind: 'settle', reply }), 'settled')
      assert.deepEqual(await trial.claim(settled), { outcome: 'settled', reply: bytes('reply') })
    },
  },
]
