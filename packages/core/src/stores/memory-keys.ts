import type { KeyQuery, KeyRecord, KeyStore } from '../api-key/store.js'

/**
 * {@link KeyStore} in a map of this process. Records are frozen through and through, and a write puts a new one in place of the
 * old: what a caller holds neither changes nor changes the store.
 */
export class MemoryKeyStore implements KeyStore {
  readonly #records = new Map<string, KeyRecord>()

  insert(record: KeyRecord): boolean {
    if (this.#records.has(record.id)) return false
    // A copy by way of JSON is what a database would give back, too.
    this.#records.set(record.id, freezeAll(JSON.parse(JSON.stringify(record)) as KeyRecord))
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

  #change(id: string, change: (record: KeyRecord) => KeyRecord): boolean {
    const record = this.#records.get(id)
    if (record === undefined) return false
    this.#records.set(id, Object.freeze(change(record)))
    return true
  }
}

function freezeAll<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) freezeAll(part)
  return Object.freeze(value)
}
