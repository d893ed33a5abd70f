import assert from 'node:assert/strict'
import type { KeyRecord, KeyStore, KeyWatcher } from '@latchkey/core'
import { newKey, newSuccessor } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'keys'

/** How long changes may take from one process to another; slow machines are given ten times what it takes. */
const deadlineMs = 10_000

/** Notes down what it is told. */
class Witness implements KeyWatcher {
  readonly told: (string | undefined)[] = []
  state: 'new' | 'hearing' | 'lost' = 'new'

  changed(id?: string): void {
    this.told.push(id)
  }

  heard(): void {
    this.state = 'hearing'
  }

  lost(): void {
    this.state = 'lost'
  }

  hasBeenTold(id: string): boolean {
    return this.told.includes(id) || this.told.includes(undefined)
  }

  /** Watches, and waits until everything is told. */
  static async of(keys: KeyStore): Promise<Witness> {
    const witness = new Witness()
    keys.watch(witness)
    await until(() => witness.state === 'hearing', 'the watcher was not told that changes are heard')
    return witness
  }
}

async function until(isSo: () => boolean, complaint: string): Promise<void> {
  const endMs = performance.now() + deadlineMs
  while (!isSo()) {
    assert.ok(performance.now() < endMs, complaint)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const quota = { remaining: 5, refill: null, refillAtMs: null }

/** Each write to a key, and what else than usual the key has before. */
const writes: ReadonlyArray<
  readonly [what: string, write: (keys: KeyStore, record: KeyRecord) => unknown, traits?: Partial<KeyRecord>]
> = [
  ['a revocation', (keys, { id }) => keys.revoke(id, 1000, 'leaked')],
  ['a second revocation', (keys, { id }) => keys.revoke(id, 2000, null), { revokedAtMs: 1000 }],
  ['an owner whose keys are all revoked', (keys, { ownerId }) => keys.revokeAll(ownerId, 1000, null)],
  ['a key that is disabled', (keys, { id }) => keys.setDisabled(id, 1000)],
  ['a key that is enabled', (keys, { id }) => keys.setDisabled(id, null), { disabledAtMs: 1000 }],
  ['an update', (keys, { id }) => keys.update(id, { allowedIps: ['192.0.2.1'] })],
  ['a new quota', (keys, { id }) => keys.update(id, { quota })],
  ['another quota', (keys, { id }) => keys.update(id, { quota: { ...quota, remaining: 6 } }), { quota }],
  ['a quota that ends', (keys, { id }) => keys.update(id, { quota: null }), { quota }],
  ['a rotation', (keys, { id }) => keys.rotate(id, newSuccessor(), null)],
  ['an end that is brought forward', (keys, { id }) => keys.shorten(id, 5000)],
  ['another digest', (keys, record) => keys.rehash(record.id, record, { ...record, digest: 'new' })],
  ['a removal', (keys, { id }) => keys.remove(id)],
]

export const watchCases: readonly StoreCase[] = [
  {
    name: 'watch: a write is told of before it is answered, to all who watch',
    facet,
    run: async ({ keys }) => {
      const witnesses = [await Witness.of(keys), await Witness.of(keys)]
      for (const [what, write, traits] of writes) {
        const record = newKey(traits)
        await keys.insert(record)
        for (const { told } of witnesses) told.length = 0
        await write(keys, record)
        for (const witness of witnesses) assert.ok(witness.hasBeenTold(record.id), what)
      }
    },
  },
  {
    name: 'watch: of all keys that an owner loses, and of all that share a quota, each is told',
    facet,
    run: async ({ keys }) => {
      const [first, second, third] = [newKey({ quota }), newSuccessor(), newKey()]
      for (const record of [first, third]) await keys.insert(record)
      await keys.rotate(first.id, second, null)
      const witness = await Witness.of(keys)
      for (const { id } of [first, second]) {
        witness.told.length = 0
        await keys.update(id, { quota: { ...quota, remaining: 9 } })
        assert.ok(witness.hasBeenTold(first.id) && witness.hasBeenTold(second.id))
      }
      witness.told.length = 0
      await keys.revokeAll('alice', 1000, null)
      for (const { id } of [first, second, third]) assert.ok(witness.hasBeenTold(id))
    },
  },
  {
    name: 'watch: neither a use nor what is spent is told, by whichever process',
    facet,
    run: async ({ keys, opened }) => {
      const another = await opened.another?.()
      try {
        for (const store of another ? [keys, another.keys!] : [keys]) {
          const [used, last] = [newKey({ quota }), newKey()]
          for (const record of [used, last]) await store.insert(record)
          const witness = await Witness.of(keys)
          // What there was to tell of the inserts comes before this.
          await store.setDisabled(last.id, 1000)
          await until(() => witness.hasBeenTold(last.id), 'the key that is disabled was not told')
          witness.told.length = 0
          await store.touch(used.id, 1_790_000_001_000)
          await store.spend(used.meterId, 0)
          await store.revoke(last.id, 1000, null)
          await until(() => witness.hasBeenTold(last.id), 'the key that is revoked was not told')
          assert.ok(!witness.hasBeenTold(used.id))
        }
      } finally {
        await another?.close?.()
      }
    },
  },
  {
    name: 'watch: whoever comes later is told at once that changes are heard',
    facet,
    run: async ({ keys }) => {
      await Witness.of(keys)
      const late = new Witness()
      keys.watch(late)
      assert.equal(late.state, 'hearing')
    },
  },
  {
    name: 'watch: what another process writes is told, and by then it can be read',
    facet,
    run: async ({ keys, opened }) => {
      const another = await opened.another?.()
      if (another === undefined) return
      try {
        const record = newKey()
        await keys.insert(record)
        const witness = await Witness.of(keys)
        for (const [what, write, traits] of writes) {
          const each = newKey(traits)
          await keys.insert(each)
          witness.told.length = 0
          await write(another.keys!, each)
          await until(() => witness.hasBeenTold(each.id), `${what} by another process was not told`)
        }
        const reads: unknown[] = []
        keys.watch({
          changed: (id) => reads.push(id === record.id ? keys.find(id) : undefined),
          heard: () => undefined,
          lost: () => undefined,
        })
        await another.keys!.setDisabled(record.id, 3000)
        await until(() => reads.length > 0, 'the second watcher was told nothing')
        assert.equal(((await reads[0]) as { disabledAtMs?: unknown }).disabledAtMs, 3000)
      } finally {
        await another.close?.()
      }
    },
  },
  {
    name: 'watch: a store that is closed says so, and tells nothing more',
    facet,
    run: async ({ keys, opened }) => {
      if (opened.store.close === undefined) return
      const another = await opened.another?.()
      try {
        const [record, next] = [newKey(), newKey()]
        for (const each of [record, next]) await keys.insert(each)
        const witness = await Witness.of(keys)
        const other = another && (await Witness.of(another.keys!))
        await opened.store.close()
        assert.equal(witness.state, 'lost')
        const late = new Witness()
        keys.watch(late)
        assert.notEqual(late.state, 'hearing')
        witness.told.length = 0
        for (const { id } of [record, next]) await another?.keys?.revoke(id, 1000, null)
        if (other) await until(() => other.hasBeenTold(next.id), 'the other store was told nothing')
        assert.deepEqual([...witness.told, ...late.told], [])
        assert.equal(witness.state, 'lost')
      } finally {
        await another?.close?.()
      }
    },
  },
]
