import { isPromise } from '../../deadline.js'
import { frozen } from '../../frozen.js'
import type { Awaitable } from '../../guard.js'
import { makeRoom } from '../../make-room.js'
import { type Observe, tell } from '../../observe.js'
import type { ApiKeyCacheOptions } from '../api-keys-options.js'
import type { ApiKeyLifecycleEvent } from '../events.js'
import type { KeyRecord, KeySource, KeyStore, KeyWatcher } from '../store.js'

interface Kept {
  readonly record: KeyRecord
  readonly untilMs: number
}

interface KeyCacheSettings extends Required<ApiKeyCacheOptions> {
  readonly observe: Observe<ApiKeyLifecycleEvent> | undefined
}

/**
 * Records of keys that were read lately. It forgets what the store tells of, and keeps nothing that it was told of while it was being
 * read. Where the store cannot hear what others change, it keeps nothing at all. What is not there is never kept: a new key
 * counts at once, and unknown ids take no room.
 */
export class KeyCache implements KeySource {
  readonly #store: KeyStore
  readonly #ttlMs: number
  readonly #maxKeys: number
  readonly #elapsedMs: () => number
  /** Those that were used longest ago first. */
  readonly #kept = new Map<string, Kept>()
  /** Grows whenever a read that is under way may have seen what no longer holds. */
  #generation = 0
  #isHearing = false

  /** @param elapsedMs a clock that nobody can set; only differences count. */
  constructor(store: KeyStore, settings: KeyCacheSettings, elapsedMs: () => number = () => performance.now()) {
    this.#store = store
    this.#ttlMs = settings.ttlSeconds * 1000
    this.#maxKeys = settings.maxKeys
    this.#elapsedMs = elapsedMs
    store.watch(this.#watcher(settings.observe))
  }

  /** The record as kept, at once, or as the store has it. */
  find(id: string): Awaitable<KeyRecord | undefined> {
    const kept = this.#kept.get(id)
    if (kept !== undefined) {
      this.#kept.delete(id)
      if (this.#elapsedMs() < kept.untilMs) {
        this.#kept.set(id, kept)
        return kept.record
      }
    }
    // The time counts from here: what the store read may be as old as the question.
    const untilMs = this.#elapsedMs() + this.#ttlMs
    const generation = this.#generation
    const found = this.#store.find(id)
    const keep = (record: KeyRecord | undefined) => this.#keep(id, record, untilMs, generation)
    return isPromise(found) ? found.then(keep) : keep(found)
  }

  /** Foreign keys are read each time: nothing tells which lookups a change is about. */
  findByLookup(lookups: readonly string[]): Awaitable<KeyRecord | undefined> {
    return this.#store.findByLookup(lookups)
  }

  /** Handlers of several requests share a record: frozen, none of them can grant itself more. */
  #keep(id: string, record: KeyRecord | undefined, untilMs: number, generation: number): KeyRecord | undefined {
    if (!record) return record
    const shared = frozen(record)
    if (!this.#isHearing || generation !== this.#generation) return shared
    this.#kept.delete(id)
    this.#kept.set(id, { record: shared, untilMs })
    makeRoom(this.#kept, this.#maxKeys)
    return shared
  }

  #watcher(observe: Observe<ApiKeyLifecycleEvent> | undefined): KeyWatcher {
    let isPaused = false
    const forget = (id?: string) => {
      this.#generation++
      if (id === undefined) this.#kept.clear()
      else this.#kept.delete(id)
    }
    return {
      changed: forget,
      heard: () => {
        // A read that began before was not watched over from its start.
        forget()
        this.#isHearing = true
        if (isPaused) tell(observe, { type: 'api-key.cache_resumed' })
        isPaused = false
      },
      lost: (error) => {
        this.#isHearing = false
        forget()
        if (!isPaused) tell(observe, { type: 'api-key.cache_paused', error })
        isPaused = true
      },
    }
  }
}
