import type { KeyWatcher } from '@latchkey/core'
import type { Has } from './store-flaws.js'

/** Who watches the keys of one store, and the stores on the same keys. */
export class NaiveKeyWatch {
  readonly #watchers: KeyWatcher[] = []
  readonly #stores: Set<NaiveKeyWatch>
  readonly #has: Has

  constructor(has: Has, other?: NaiveKeyWatch) {
    this.#has = has
    this.#stores = other ? other.#stores : new Set()
    this.#stores.add(this)
  }

  add(watcher: KeyWatcher): void {
    if (!this.#stores.has(this)) return
    if (this.#watchers.length === 0 || !this.#has('leaves later watchers in the dark')) watcher.heard()
    this.#watchers.push(watcher)
  }

  tell(id: string): void {
    if (this.#has('tells nobody of its writes')) return
    const stores = this.#has('hears of no other process') ? [this] : this.#stores
    for (const store of stores) {
      const told = this.#has('tells its first watcher alone') ? store.#watchers.slice(0, 1) : store.#watchers
      for (const watcher of told) watcher.changed(id)
    }
  }

  close(): void {
    if (this.#has('goes on telling after it was closed')) return
    this.#stores.delete(this)
    if (!this.#has('closes without a word')) for (const watcher of this.#watchers) watcher.lost(new Error('closed'))
  }
}
