import type { KeyQuery, KeyRecord, KeyStore, KeyWatcher } from '@latchkey/core'
import type { Has } from './store-flaws.js'

/** The plainest keys that keep the contract, and at every turn of it the way to break it. */
export class NaiveKeys implements KeyStore {
  readonly #records: Map<string, KeyRecord>
  /** All that work on these records, as processes do on a database. */
  readonly #stores: Set<NaiveKeys>
  readonly #watchers: KeyWatcher[] = []
  readonly #has: Has

  /** @param other whose records these are, too. */
  constructor(has: Has, other?: NaiveKeys) {
    this.#has = has
    this.#records = other ? other.#records : new Map()
    this.#stores = other ? other.#stores : new Set()
    this.#stores.add(this)
  }

  async insert(record: KeyRecord): Promise<boolean> {
    const isTaken = this.#records.has(this.#key(record.id))
    if (this.#has('inserts, reading first')) await undefined
    if (isTaken && !this.#has('lets a key replace another')) return false
    this.#records.set(this.#key(record.id), this.#kept(record))
    return true
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    return this.#records.get(this.#key(id))
  }

  async list({ ownerId, after, limit }: KeyQuery): Promise<readonly KeyRecord[]> {
    const isOwners = (record: KeyRecord): boolean => {
      if (ownerId === undefined || this.#has('lists the keys of all owners')) return true
      return this.#has('takes owners for patterns')
        ? new RegExp(`^${ownerId.replaceAll('%', '.*').replaceAll('_', '.')}$`).test(record.ownerId)
        : record.ownerId === ownerId
    }
    return [...this.#records.values()]
      .filter((record) => isOwners(record) && (after === undefined || record.id > after))
      .sort((a, b) => (a.id < b.id ? -1 : 1) * (this.#has('lists keys backwards') ? -1 : 1))
      .slice(0, limit)
  }

  async revoke(id: string, revokedAtMs: number, reason: string | null): Promise<boolean> {
    return this.#change(id, (record) =>
      record.revokedAtMs === null || this.#has('lets the last revocation stand')
        ? { ...record, revokedAtMs, revocationReason: reason }
        : record,
    )
  }

  async setDisabled(id: string, disabledAtMs: number | null): Promise<boolean> {
    return this.#change(id, (record) => ({
      ...record,
      disabledAtMs,
      ...(this.#has('revives a revoked key that is enabled') ? { revokedAtMs: null } : {}),
    }))
  }

  watch(watcher: KeyWatcher): void {
    if (!this.#stores.has(this)) return
    if (this.#watchers.length === 0 || !this.#has('leaves later watchers in the dark')) watcher.heard()
    this.#watchers.push(watcher)
  }

  close(): void {
    if (this.#has('goes on telling after it was closed')) return
    this.#stores.delete(this)
    if (!this.#has('closes without a word')) for (const watcher of this.#watchers) watcher.lost(new Error('closed'))
  }

  #tell(id: string): void {
    if (this.#has('tells nobody of its writes')) return
    const others = this.#has('hears of no other process') ? [this] : this.#stores
    for (const { watchers } of others) for (const watcher of watchers) watcher.changed(id)
  }

  get watchers(): readonly KeyWatcher[] {
    return this.#has('tells its first watcher alone') ? this.#watchers.slice(0, 1) : this.#watchers
  }

  async #change(id: string, change: (record: KeyRecord) => KeyRecord): Promise<boolean> {
    const record = this.#records.get(this.#key(id))
    if (record === undefined) return this.#has('writes to keys that are not there')
    const changed = change(record)
    // Whole records, written back: what came in between is undone.
    if (this.#has('writes whole records')) await undefined
    if (this.#has('tells before it has written')) {
      this.#tell(id)
      await undefined
    }
    this.#records.set(this.#key(id), changed)
    if (this.#has('tells of a write after its answer')) setTimeout(() => this.#tell(id))
    else this.#tell(id)
    return true
  }

  #kept(record: KeyRecord): KeyRecord {
    if (this.#has('keeps the record of the giver')) return record
    const copy = structuredClone(record)
    if (this.#has('keeps UTF-8 for names')) return { ...copy, ownerId: Buffer.from(record.ownerId).toString() }
    return this.#has('copies metadata name by name') ? { ...copy, metadata: assigned(record.metadata) } : copy
  }

  #key(id: string): string {
    return this.#has('compares keys without case') ? id.toLowerCase() : id
  }
}

function assigned(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(metadata)) copy[name] = value
  return copy
}
