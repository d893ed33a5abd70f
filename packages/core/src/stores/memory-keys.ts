import type { KeyQuery, KeyRecord, KeyStore, KeyWatcher } from '../api-key/store.js'
import { frozen } from '../frozen.js'
import { KeyWatchers } from './key-watchers.js'

/**
 * {@link KeyStore} in a map of this process. Records are frozen through and through, and a write puts a new one in place of the
 * old: what a caller holds neither changes nor changes the store.
 */
export class MemoryKeyStore implements KeyStore {
  readonly #records = new Map<string, KeyRecord>()
  readonly #watchers = new KeyWatchers()

  constructor() {
    this.#watchers.heard()
  }

  insert(record: KeyRecord): boolean {
    if (this.#records.has(record.id)) return false
    // A copy by way of JSON is what a database would give back, too.
    this.#records.set(record.id, frozen(JSON.parse(JSON.stringify(record)) as KeyRecord))
    return true
  }

  find(id: string): KeyRecord | undefined {
    return this.#records.get(id)
  }

  list({ ownerId, after, limit }: KeyQuery): readonly KeyRecord[] {
    const found: KeyRecord[] = []
    for (const record of this.#records.values()) {
      if (ownerId !== undefined && record.ownerId !== ownerId) continue
      if (after === undefined || record.id > after) found.push(record)
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
  }

  revoke(id: string, revokedAtMs: number, reason: string | null): boolean {
    return this.#change(id, (record) =>
      record.revokedAtMs === null ? { ...record, revokedAtMs, revocationReason: reason } : record,
    )
  }

  setDisabled(id: string, disabledAtMs: number | null): boolean {
    return this.#change(id, (record) => ({ ...record, disabledAtMs }))
  }

  watch(watcher: KeyWatcher): void {
    this.#watchers.add(watcher)
  }

  close(): void {
    this.#watchers.close()
  }

  #change(id: string, change: (record: KeyRecord) => KeyRecord): boolean {
    const record = this.#records.get(id)
    if (record === undefined) return false
    this.#records.set(id, Object.freeze(change(record)))
    this.#watchers.changed(id)
    return true
  }
}
