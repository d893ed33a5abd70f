import assert from 'node:assert/strict'
import type { KeyChanges, KeyRecord, KeyStore } from '@latchkey/core'
import { atOnce, newKey, newSuccessor } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'keys'

async function added(keys: KeyStore, changes: Partial<KeyRecord> = {}): Promise<KeyRecord> {
  const record = newKey(changes)
  assert.equal(await keys.insert(record), 'ok')
  return record
}

/** Of each column another than a key has; where it may be `null`, that as well. */
const changes: readonly KeyChanges[] = [
  { name: `it's "%_"\0\ud800` },
  { name: null },
  { scopes: ['*'] },
  { scopes: [] },
  { metadata: JSON.parse('{"__proto__": 1, "\\u0000": "\\ud800"}') },
  { allowedIps: ['192.0.2.1'] },
  { allowedIps: [] },
  { allowedIps: null },
  { rateLimit: { limit: 7, windowSeconds: 60 } },
  { rateLimit: null },
  { quota: { remaining: 7, refill: { amount: 70, everySeconds: 60 }, refillAtMs: 1_790_000_000_000 } },
  { quota: { remaining: 0, refill: null, refillAtMs: null } },
  { quota: null },
  { expiresAtMs: 1_800_000_000_000 },
  { expiresAtMs: null },
  { idleSeconds: 120 },
  { idleSeconds: null },
  {
    name: 'all',
    scopes: ['a:b'],
    metadata: {},
    expiresAtMs: 1,
    quota: { remaining: 1, refill: null, refillAtMs: null },
  },
  {},
]

/** Whatever a key may have, so that nothing is lost unseen. */
const full: Partial<KeyRecord> = {
  lookup: 'lookup',
  pepperId: '2026',
  allowedIps: ['192.0.2.0/24'],
  rateLimit: { limit: 5, windowSeconds: 10 },
  quota: { remaining: 5, refill: { amount: 50, everySeconds: 3600 }, refillAtMs: 1_790_003_600_123 },
  expiresAtMs: 1_795_000_000_000,
  idleSeconds: 3600,
  lastUsedAtMs: 1_790_000_001_000,
  disabledAtMs: 1_790_000_002_000,
}

/** Changes to a key that is there, and its end. */
export const keyLifeCases: readonly StoreCase[] = [
  {
    name: 'keys: an update changes what it names and leaves the rest alone',
    facet,
    run: async ({ keys }) => {
      let record = await added(keys, full)
      const bystander = await added(keys)
      for (const change of changes) {
        assert.equal(await keys.update(record.id, change), true)
        record = { ...record, ...change }
        assert.deepEqual(await keys.find(record.id), record)
      }
      assert.deepEqual(await keys.find(bystander.id), bystander)
    },
  },
  {
    name: 'keys: updates of 64 at once undo nothing of each other, and nothing of what else is written',
    facet,
    run: async ({ keys }) => {
      const record = await added(keys)
      const works = [
        () => keys.update(record.id, { name: 'another' }),
        () => keys.update(record.id, { scopes: ['*'] }),
        () => keys.update(record.id, { quota: { remaining: 3, refill: null, refillAtMs: null } }),
        () => keys.update(record.id, { idleSeconds: 600, metadata: {} }),
        () => keys.shorten(record.id, 1_800_000_000_000),
        () => keys.touch(record.id, 1_790_000_001_000),
        () => keys.setDisabled(record.id, 1_790_000_002_000),
        () => keys.revoke(record.id, 1_790_000_003_000, 'leaked'),
      ]
      assert.ok((await atOnce(64, async (index) => works[index % 8]!())).every(Boolean))
      assert.deepEqual(await keys.find(record.id), {
        ...{ ...record, name: 'another', scopes: ['*'], metadata: {}, idleSeconds: 600 },
        ...{ quota: { remaining: 3, refill: null, refillAtMs: null }, expiresAtMs: 1_800_000_000_000 },
        ...{ lastUsedAtMs: 1_790_000_001_000, disabledAtMs: 1_790_000_002_000 },
        ...{ revokedAtMs: 1_790_000_003_000, revocationReason: 'leaked' },
      })
    },
  },
  {
    name: 'keys: a use never takes a revocation back, nor anything else',
    facet,
    run: async ({ keys }) => {
      for (let round = 0; round < 8; round++) {
        const record = await added(keys)
        await atOnce(8, async (index) =>
          index === round ? keys.revoke(record.id, 1000, null) : keys.touch(record.id, 2000),
        )
        assert.deepEqual(await keys.find(record.id), { ...record, revokedAtMs: 1000, lastUsedAtMs: 2000 })
      }
    },
  },
  {
    name: 'keys: of 64 uses noted at once the latest stands, and an earlier one that comes later changes nothing',
    facet,
    run: async ({ keys }) => {
      const record = await added(keys)
      const answers = await atOnce(64, async (index) => keys.touch(record.id, 1000 + ((index * 37) % 64)))
      assert.ok(answers.every(Boolean))
      assert.equal(await keys.touch(record.id, 500), true)
      assert.deepEqual(await keys.find(record.id), { ...record, lastUsedAtMs: 1063 })
    },
  },
  {
    name: 'keys: an end is brought forward and never put off',
    facet,
    run: async ({ keys }) => {
      const [endless, ending] = [await added(keys), await added(keys, { expiresAtMs: 2000 })]
      for (const { id } of [endless, ending]) {
        for (const endMs of [3000, 1000, 2500]) assert.equal(await keys.shorten(id, endMs), true)
      }
      assert.deepEqual(await keys.find(endless.id), { ...endless, expiresAtMs: 1000 })
      assert.deepEqual(await keys.find(ending.id), { ...ending, expiresAtMs: 1000 })
    },
  },
  {
    name: 'keys: all keys of an owner are revoked, those that are left and no others, and their ids are told',
    facet,
    run: async ({ keys }) => {
      const [one, two, former] = [await added(keys), await added(keys, { disabledAtMs: 1 }), await added(keys)]
      const others = await Promise.all(['ALICE', 'a%', 'alice ', '_lice'].map((ownerId) => added(keys, { ownerId })))
      await keys.revoke(former.id, 500, 'lost')
      assert.deepEqual([...(await keys.revokeAll('alice', 1000, 'left\0'))].sort(), [one.id, two.id].sort())
      const end = { revokedAtMs: 1000, revocationReason: 'left\0' }
      for (const record of [one, two]) assert.deepEqual(await keys.find(record.id), { ...record, ...end })
      assert.deepEqual(await keys.find(former.id), { ...former, revokedAtMs: 500, revocationReason: 'lost' })
      for (const record of others) assert.deepEqual(await keys.find(record.id), record)
      for (const owner of ['alice', 'nobody']) assert.deepEqual(await keys.revokeAll(owner, 2000, null), [])
    },
  },
  {
    name: 'keys: of two who revoke all keys of an owner at once each key is told to one',
    facet,
    run: async ({ keys }) => {
      const records = await atOnce(16, () => added(keys))
      const told = await atOnce(2, async (index) => keys.revokeAll('alice', 1000 + index, `reason ${index}`))
      assert.deepEqual(told.flat().sort(), records.map(({ id }) => id).sort())
      for (const { id } of records) {
        const index = told.findIndex((ids) => ids.includes(id))
        assert.deepEqual((await keys.find(id))!.revocationReason, `reason ${index}`)
      }
    },
  },
  {
    name: 'keys: rotated while all are revoked, neither a key nor its successor gets away',
    facet,
    run: async ({ keys }) => {
      for (let round = 0; round < 8; round++) {
        const records = await atOnce(8, () => added(keys))
        await atOnce<unknown>(9, async (index) => {
          if (index === round) return keys.revokeAll('alice', 1000, null)
          return keys.rotate(records[index < round ? index : index - 1]!.id, newSuccessor(), null)
        })
        const found = await keys.list({ ownerId: 'alice', limit: 1000 })
        assert.ok(found.every(({ revokedAtMs }) => revokedAtMs === 1000))
      }
    },
  },
  {
    name: 'keys: one that is removed is gone, with its lookup and its quota, and the others stay',
    facet,
    run: async ({ keys }) => {
      const [record, other] = [await added(keys, full), await added(keys)]
      assert.equal(await keys.remove(record.id), true)
      assert.equal(await keys.find(record.id), undefined)
      assert.equal(await keys.findByLookup(['lookup']), undefined)
      assert.deepEqual(await keys.list({ limit: 10 }), [other])
      assert.deepEqual(await keys.spend(record.meterId, 0), { outcome: 'exceeded', remaining: 0, refillAtMs: null })
      assert.equal(await keys.remove(record.id), false)
      const again = await added(keys, { id: record.id, lookup: 'lookup' })
      assert.deepEqual(await keys.find(record.id), again)
    },
  },
  {
    name: 'keys: nothing is written under an id that is not there, whatever the write',
    facet,
    run: async ({ keys }) => {
      const id = 'absentabsent'
      const [from, to] = [newKey(), { ...newKey(), lookup: 'lookup' }]
      const quota = { remaining: 1, refill: null, refillAtMs: null }
      for (const change of [{}, { name: 'a' }, { quota }]) assert.equal(await keys.update(id, change), false)
      assert.equal(await keys.rotate(id, newSuccessor(), 1000), 'absent')
      assert.equal(await keys.shorten(id, 1000), false)
      assert.equal(await keys.touch(id, 1000), false)
      assert.equal(await keys.rehash(id, from, to), false)
      assert.equal(await keys.remove(id), false)
      assert.deepEqual(await keys.list({ limit: 10 }), [])
      assert.equal((await keys.spend(id, 0)).outcome, 'exceeded')
    },
  },
]
