import assert from 'node:assert/strict'
import { atOnce, newKey } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'keys'

function countOk(answers: readonly string[]): number {
  return answers.filter((answer) => answer === 'ok').length
}

/** What adds keys, and how many an owner may have. */
export const keyInsertCases: readonly StoreCase[] = [
  {
    name: 'keys: an insert that is sent again is ok, and changes nothing of what has come about since',
    facet,
    run: async ({ keys }) => {
      const record = newKey({ lookup: 'lookup', quota: { remaining: 5, refill: null, refillAtMs: null } })
      assert.equal(await keys.insert(record, 1), 'ok')
      await keys.setDisabled(record.id, 1000)
      await keys.spend(record.meterId, 0)
      for (const max of [undefined, 1]) assert.equal(await keys.insert(record, max), 'ok')
      const quota = { ...record.quota!, remaining: 4 }
      assert.deepEqual(await keys.find(record.id), { ...record, disabledAtMs: 1000, quota })
      assert.equal((await keys.list({ limit: 10 })).length, 1)
    },
  },
  {
    name: 'keys: a lookup that is taken stays with its first key, and no other key comes about',
    facet,
    run: async ({ keys }) => {
      const record = newKey({ lookup: 'lookup' })
      const other = newKey({ lookup: 'lookup', quota: { remaining: 5, refill: null, refillAtMs: null } })
      await keys.insert(record)
      for (const max of [undefined, 1, 100]) assert.equal(await keys.insert(other, max), 'taken')
      assert.deepEqual(await keys.findByLookup(['lookup']), record)
      assert.equal(await keys.find(other.id), undefined)
      assert.equal((await keys.spend(other.meterId, 0)).outcome, 'exceeded')
      await keys.remove(record.id)
      assert.equal(await keys.insert(other), 'ok')
    },
  },
  {
    name: 'keys: of 64 inserts of one lookup at once exactly one succeeds',
    facet,
    run: async ({ keys }) => {
      const records = Array.from({ length: 64 }, () => newKey({ lookup: 'lookup' }))
      const answers = await atOnce(64, async (index) => keys.insert(records[index]!))
      assert.equal(countOk(answers), 1)
      assert.deepEqual(await keys.list({ limit: 100 }), [records[answers.indexOf('ok')]])
    },
  },
  {
    name: 'keys: any number of keys has no lookup',
    facet,
    run: async ({ keys }) => {
      for (let count = 0; count < 3; count++) assert.equal(await keys.insert(newKey()), 'ok')
    },
  },
  {
    name: 'keys: of several lookups the one that is named first counts, and they are compared byte by byte',
    facet,
    run: async ({ keys }) => {
      const records = ['a', 'A', 'a ', '%', '["a"]', '🔑'].map((lookup) => newKey({ lookup }))
      for (const record of records) await keys.insert(record)
      const lookups = records.map(({ lookup }) => lookup!)
      for (const record of records) assert.deepEqual(await keys.findByLookup([record.lookup!]), record)
      assert.deepEqual(await keys.findByLookup(['absent', ...lookups]), records[0])
      assert.deepEqual(await keys.findByLookup(['absent', ...lookups.toReversed()]), records.at(-1))
      const most = Array.from({ length: 15 }, (_, index) => `absent ${index}`)
      assert.deepEqual(await keys.findByLookup([...most, '%']), records[3])
      for (const absent of [[records[0]!.id], ['b'], most, ['__proto__'], ['']]) {
        assert.equal(await keys.findByLookup(absent), undefined)
      }
    },
  },
  {
    name: 'keys: of 64 inserts at once so many succeed as the owner may have, and others have theirs',
    facet,
    run: async ({ keys }) => {
      await keys.insert(newKey())
      const records = Array.from({ length: 64 }, (_, index) => newKey({ ownerId: index % 8 === 0 ? 'bob' : 'alice' }))
      const answers = await atOnce(64, async (index) => keys.insert(records[index]!, 5))
      const of = (owner: string) => answers.filter((_, index) => records[index]!.ownerId === owner)
      assert.equal(countOk(of('alice')), 4)
      assert.equal(countOk(of('bob')), 5)
      assert.equal(answers.filter((answer) => answer === 'full').length, 55)
      assert.equal((await keys.list({ limit: 100 })).length, 10)
    },
  },
  {
    name: 'keys: what is revoked, removed or expired does not count against how many its owner may have',
    facet,
    run: async ({ keys }) => {
      const createdAtMs = 1_790_000_000_123
      const over = newKey({ expiresAtMs: createdAtMs })
      const [revoked, removed] = [newKey(), newKey()]
      for (const record of [over, revoked, removed, newKey({ ownerId: 'ALICE' })]) await keys.insert(record)
      await keys.revoke(revoked.id, 1000, null)
      await keys.remove(removed.id)
      const counting = [newKey({ expiresAtMs: createdAtMs + 1 }), newKey({ disabledAtMs: 1000 })]
      for (const record of counting) assert.equal(await keys.insert(record, 2), 'ok')
      assert.equal(await keys.insert(newKey(), 2), 'full')
      assert.equal(await keys.insert(newKey({ createdAtMs: createdAtMs + 1 }), 2), 'ok')
      assert.equal(await keys.insert(newKey(), 0), 'full')
      assert.equal(await keys.insert(newKey()), 'ok')
    },
  },
]
