import type { KeyWatcher } from '../api-key/store.js'
import { StoreError } from '../errors.js'

/** The watchers of one store: what it tells them, each is told; whoever comes later learns at once how things stand. */
export class KeyWatchers implements KeyWatcher {
  readonly #watchers = new Set<KeyWatcher>()
  #tellState: ((watcher: KeyWatcher) => void) | undefined
  #isHearing = false
  #isClosed = false

  add(watcher: KeyWatcher): void {
    if (!this.#isClosed) this.#watchers.add(watcher)
    this.#tellState?.(watcher)
  }

  changed(id?: string): void {
    for (const watcher of this.#watchers) watcher.changed(id)
  }

  heard(): void {
    if (!this.#isHearing && !this.#isClosed) this.#turn(true, (watcher) => watcher.heard())
  }

  /** Tells of the first of several errors in a row. */
  lost(error: unknown): void {
    const isNews = this.#isHearing || this.#tellState === undefined
    if (isNews && !this.#isClosed) this.#turn(false, (watcher) => watcher.lost(error))
  }

  /** The last that is told. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#turn(false, (watcher) => watcher.lost(new StoreError('unavailable', 'The store is closed')))
    this.#watchers.clear()
  }

  #turn(isHearing: boolean, tell: (watcher: KeyWatcher) => void): void {
    this.#isHearing = isHearing
    this.#tellState = tell
    for (const watcher of this.#watchers) tell(watcher)
  }
}
