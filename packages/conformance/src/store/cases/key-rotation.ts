import assert from 'node:assert/strict'
import type { KeyRecord } from '@latchkey/core'
import { atOnce, newKey, newSuccessor } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'keys'

/** All that a successor takes over. */
const traits: Partial<KeyRecord> = {
  ...{ environment: 'test', name: 'a "name"\0', ownerId: 'bob\ud800', scopes: ['a:b'], metadata: { '\0': 1 } },
  ...{ allowedIps: ['192.0.2.1'], rateLimit: { limit: 5, windowSeconds: 10 }, idleSeconds: 3600, disabledAtMs: 1000 },
  quota: { remaining: 5, refill: { amount: 50, everySeconds: 3600 }, refillAtMs: 1_790_009_000_000 },
}

/** What a successor has besides what it takes over and what is its own. */
function links(id: string) {
  return { lookup: null, lastUsedAtMs: null, rotatedTo: null, rotatedFrom: id }
}

/** Keys that take the place of others, and digests that do. */
export const keyRotationCases: readonly StoreCase[] = [
  {
    name: 'keys: a successor has all that the key has, and its own columns, and the two are linked',
    facet,
    run: async ({ keys }) => {
      const record = newKey({ ...traits, lookup: 'lookup', expiresAtMs: 1_795_000_000_000, lastUsedAtMs: 2000 })
      const successor = newSuccessor()
      await keys.insert(record)
      assert.equal(await keys.rotate(record.id, successor, 1_790_090_000_000), 'ok')
      const old = { ...record, rotatedTo: successor.id, expiresAtMs: 1_790_090_000_000 }
      assert.deepEqual(await keys.find(record.id), old)
      assert.deepEqual(await keys.findByLookup(['lookup']), old)
      assert.deepEqual(await keys.find(successor.id), { ...record, ...successor, ...links(record.id) })
    },
  },
  {
    name: 'keys: rotating never puts an end off, and leaves it where it is to be settled at the first use',
    facet,
    run: async ({ keys }) => {
      const endMs = 1_795_000_000_000
      for (const [endsAtMs, expected] of [[endMs + 1, endMs] as const, [null, endMs] as const]) {
        const record = newKey({ expiresAtMs: endMs })
        await keys.insert(record)
        assert.equal(await keys.rotate(record.id, newSuccessor({ graceOnUseSeconds: 60 }), endsAtMs), 'ok')
        assert.equal((await keys.find(record.id))!.expiresAtMs, expected)
      }
      const [endless, successor] = [newKey(), newSuccessor({ expiresAtMs: null, graceOnUseSeconds: 60 })]
      await keys.insert(endless)
      await keys.rotate(endless.id, successor, null)
      assert.deepEqual(await keys.find(endless.id), { ...endless, rotatedTo: successor.id })
      assert.equal((await keys.find(successor.id))!.graceOnUseSeconds, 60)
    },
  },
  {
    name: 'keys: one that is revoked, expired or rotated is not rotated, nor to an id that is taken, and nothing changes',
    facet,
    run: async ({ keys }) => {
      const successor = newSuccessor()
      const { createdAtMs } = successor
      const bars = {
        revoked: newKey({ revokedAtMs: 1000, expiresAtMs: 1000, rotatedTo: 'abcdefabcdef' }),
        rotated: newKey({ rotatedTo: 'abcdefabcdef', expiresAtMs: 1000 }),
        expired: newKey({ expiresAtMs: createdAtMs }),
        taken: newKey({ id: successor.id, expiresAtMs: createdAtMs + 1 }),
      }
      for (const record of Object.values(bars)) await keys.insert(record)
      for (const [outcome, record] of Object.entries(bars)) {
        assert.equal(await keys.rotate(record.id, successor, 1000), outcome)
        assert.deepEqual(await keys.find(record.id), record)
      }
      assert.equal((await keys.list({ limit: 10 })).length, 4)
    },
  },
  {
    name: 'keys: of 64 that rotate a key at once exactly one succeeds, and no successor besides comes about',
    facet,
    run: async ({ keys }) => {
      const record = newKey()
      const successors = Array.from({ length: 64 }, () => newSuccessor())
      await keys.insert(record)
      const answers = await atOnce(64, async (index) => keys.rotate(record.id, successors[index]!, null))
      const winner = successors[answers.indexOf('ok')]!
      assert.equal(answers.filter((answer) => answer === 'rotated').length, 63)
      assert.equal((await keys.find(record.id))!.rotatedTo, winner.id)
      assert.deepEqual(await keys.find(winner.id), { ...record, ...winner, ...links(record.id) })
      assert.equal((await keys.list({ limit: 100 })).length, 2)
    },
  },
  {
    name: 'keys: disabled while it is rotated, a key has no successor that is not, unless that came first',
    facet,
    run: async ({ keys }) => {
      for (let round = 0; round < 16; round++) {
        const [record, successor] = [newKey(), newSuccessor()]
        await keys.insert(record)
        const works = [() => keys.setDisabled(record.id, 1000), () => keys.rotate(record.id, successor, null)]
        await atOnce(2, async (index) => works[(index + round) % 2]!())
        assert.deepEqual(await keys.find(record.id), { ...record, disabledAtMs: 1000, rotatedTo: successor.id })
        const { disabledAtMs } = (await keys.find(successor.id))!
        assert.deepEqual(await keys.find(successor.id), {
          ...{ ...record, ...successor, ...links(record.id) },
          disabledAtMs,
        })
      }
    },
  },
  {
    name: 'keys: what was changed before a rotation its successor has, and what is changed after it has not',
    facet,
    run: async ({ keys }) => {
      const [record, successor] = [newKey(), newSuccessor()]
      await keys.insert(record)
      await keys.update(record.id, { name: 'before', scopes: ['a:b'] })
      await keys.setDisabled(record.id, 1000)
      await keys.rotate(record.id, successor, null)
      await keys.update(record.id, { name: 'after', scopes: ['*'] })
      await keys.setDisabled(record.id, null)
      const { name, scopes, disabledAtMs } = (await keys.find(successor.id))!
      assert.deepEqual({ name, scopes, disabledAtMs }, { name: 'before', scopes: ['a:b'], disabledAtMs: 1000 })
    },
  },
  {
    name: 'keys: a digest is replaced if it still is the one that is named, in each of its parts',
    facet,
    run: async ({ keys }) => {
      const record = newKey({ lookup: 'old', pepperId: '2025', algorithm: 'sha256' })
      const to = { algorithm: 'hmac-sha256', pepperId: '2026', digest: 'new\0', lookup: 'new\0' }
      await keys.insert(record)
      for (const wrong of [{ digest: 'another' }, { algorithm: 'sha512' }, { pepperId: null }, { pepperId: '2024' }]) {
        assert.equal(await keys.rehash(record.id, { ...record, ...wrong }, to), false)
      }
      assert.deepEqual(await keys.find(record.id), record)
      assert.equal(await keys.rehash(record.id, record, to), true)
      assert.deepEqual(await keys.findByLookup(['new\0']), { ...record, ...to })
      assert.equal(await keys.findByLookup(['old']), undefined)
      assert.equal(await keys.rehash(record.id, record, to), false)
      const without = { ...to, pepperId: null, lookup: null }
      assert.equal(await keys.rehash(record.id, to, without), true)
      assert.equal(await keys.rehash(record.id, without, { ...without, digest: 'last' }), true)
      assert.equal(await keys.findByLookup(['new\0']), undefined)
      assert.deepEqual(await keys.find(record.id), { ...record, ...without, digest: 'last' })
    },
  },
  {
    name: 'keys: a digest is not replaced where another key has the lookup, and its own stays its own',
    facet,
    run: async ({ keys }) => {
      const [record, other] = [newKey({ lookup: 'mine' }), newKey({ lookup: 'theirs' })]
      for (const each of [record, other]) await keys.insert(each)
      const to = { ...record, digest: 'new' }
      assert.equal(await keys.rehash(record.id, record, { ...to, lookup: 'theirs' }), false)
      assert.deepEqual(await keys.findByLookup(['theirs', 'mine']), other)
      assert.deepEqual(await keys.find(record.id), record)
      assert.equal(await keys.rehash(record.id, record, to), true)
      assert.deepEqual(await keys.findByLookup(['mine']), to)
    },
  },
  {
    name: 'keys: of 64 that replace a digest at once exactly one succeeds, and of 64 that take a lookup one has it',
    facet,
    run: async ({ keys }) => {
      const record = newKey()
      await keys.insert(record)
      const to = (index: number) => ({ ...record, digest: `digest ${index}` })
      const answers = await atOnce(64, async (index) => keys.rehash(record.id, record, to(index)))
      assert.equal(answers.filter(Boolean).length, 1)
      assert.deepEqual(await keys.find(record.id), to(answers.indexOf(true)))
      const records = Array.from({ length: 64 }, () => newKey())
      await atOnce(64, async (index) => keys.insert(records[index]!))
      const lookup = 'lookup'
      const taken = await atOnce(64, async (index) =>
        keys.rehash(records[index]!.id, records[index]!, { ...records[index]!, lookup }),
      )
      assert.equal(taken.filter(Boolean).length, 1)
      assert.deepEqual(await keys.findByLookup([lookup]), { ...records[taken.indexOf(true)]!, lookup })
    },
  },
]
