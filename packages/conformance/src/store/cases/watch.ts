import assert from 'node:assert/strict'
import type { KeyStore, KeyWatcher } from '@latchkey/core'
import { newKey } from '../specimens.js'
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

const writes: Readonly<Record<string, (keys: KeyStore, id: string) => unknown>> = {
  'a revocation': (keys, id) => keys.revoke(id, 1000, 'leaked'),
  'a second revocation': (keys, id) => keys.revoke(id, 2000, null),
  'a key that is disabled': (keys, id) => keys.setDisabled(id, 1000),
  'a key that is enabled': (keys, id) => keys.setDisabled(id, null),
}

export const watchCases: readonly StoreCase[] = [
  {
    name: 'watch: a write is told of before it is answered, to all who watch',
    facet,
    run: async ({ keys }) => {
      const record = newKey()
      await keys.insert(record)
      const witnesses = [await Witness.of(keys), await Witness.of(keys)]
      for (const [what, write] of Object.entries(writes)) {
        for (const { told } of witnesses) told.length = 0
        await write(keys, record.id)
        for (const witness of witnesses) assert.ok(witness.hasBeenTold(record.id), what)
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
        for (const [what, write] of Object.entries(writes)) {
          witness.told.length = 0
          await write(another.keys!, record.id)
          await until(() => witness.hasBeenTold(record.id), `${what} by another process was not told`)
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
