import { keyRecord } from '../api-key/key-record.js'
import { refilled } from '../api-key/quota.js'
import { isRepeatedInsert, isSameDigest } from '../api-key/same-key.js'
import type {
  KeyChanges,
  KeyDigest,
  KeyInsertion,
  KeyQuery,
  KeyRecord,
  KeyRotation,
  KeyStore,
  KeyWatcher,
  Quota,
  QuotaSpending,
  Successor,
} from '../api-key/store.js'
import { frozen } from '../frozen.js'
import { KeyWatchers } from './key-watchers.js'

/** A key without its quota, which is the meter's: most have none, and their rows are whole records. */
type KeyRow = KeyRecord & { readonly quota: null }

/**
 * {@link KeyStore} in maps of this process. Records are frozen through and through, and a write puts a new one in place of the
 * old: what a caller holds neither changes nor changes the store.
 */
export class MemoryKeyStore implements KeyStore {
  readonly #rows = new Map<string, KeyRow>()
  readonly #idsByLookup = new Map<string, string>()
  readonly #idsByOwner = new Map<string, Set<string>>()
  readonly #quotas = new Map<string, Quota>()
  readonly #watchers = new KeyWatchers()

  constructor() {
    this.#watchers.heard()
  }

  insert(record: KeyRecord, maxActiveOfOwner?: number): KeyInsertion {
    const { id, lookup, ownerId, createdAtMs } = record
    const known = this.#rows.get(id)
    if (known !== undefined) return isRepeatedInsert(known, record) ? 'ok' : 'taken'
    if (lookup !== null && this.#idsByLookup.has(lookup)) return 'taken'
    const isFull = maxActiveOfOwner !== undefined && this.#countActive(ownerId, createdAtMs) >= maxActiveOfOwner
    if (isFull) return 'full'
    const copy = copied(record)
    this.#add(keyRecord(copy, null))
    if (copy.quota !== null) this.#quotas.set(copy.meterId, copy.quota)
    return 'ok'
  }

  find(id: string): KeyRecord | undefined {
    const row = this.#rows.get(id)
    return row && this.#whole(row)
  }

  findByLookup(lookups: readonly string[]): KeyRecord | undefined {
    for (const lookup of lookups) {
      const id = this.#idsByLookup.get(lookup)
      if (id !== undefined) return this.find(id)
    }
    return undefined
  }

  list({ ownerId, environment, nameContains, after, limit }: KeyQuery): readonly KeyRecord[] {
    const found: KeyRow[] = []
    for (const row of this.#rows.values()) {
      if (ownerId !== undefined && row.ownerId !== ownerId) continue
      if (environment !== undefined && row.environment !== environment) continue
      if (nameContains !== undefined && !row.name?.includes(nameContains)) continue
      if (after === undefined || row.id > after) found.push(row)
    }
    found.sort((a, b) => (a.id < b.id ? -1 : 1))
    return found.slice(0, limit).map((row) => this.#whole(row))
  }

  update(id: string, changes: KeyChanges): boolean {
    const { quota, ...columns } = copied(changes)
    const row = this.#rows.get(id)
    if (row !== undefined && quota !== undefined) {
      this.#setQuota(row.meterId, quota)
      for (const other of this.#sharing(row)) this.#watchers.changed(other.id)
    }
    return this.#change(id, (old) => ({ ...old, ...columns }))
  }

  rotate(id: string, successor: Successor, endsAtMs: number | null): KeyRotation {
    const row = this.#rows.get(id)
    if (row === undefined) return 'absent'
    if (row.revokedAtMs !== null) return 'revoked'
    if (row.rotatedTo !== null) return 'rotated'
    if (row.expiresAtMs !== null && row.expiresAtMs <= successor.createdAtMs) return 'expired'
    if (this.#rows.has(successor.id)) return 'taken'
    const own = { rotatedFrom: id, rotatedTo: null, lookup: null, lastUsedAtMs: null }
    this.#add(keyRecord({ ...row, ...copied(successor), ...own }, null))
    this.#change(id, (old) => ({ ...old, rotatedTo: successor.id, expiresAtMs: earlier(old.expiresAtMs, endsAtMs) }))
    return 'ok'
  }

  shorten(id: string, expiresAtMs: number): boolean {
    return this.#change(id, (row) => ({ ...row, expiresAtMs: earlier(row.expiresAtMs, expiresAtMs) }))
  }

  revoke(id: string, revokedAtMs: number, reason: string | null): boolean {
    return this.#change(id, (row) =>
      row.revokedAtMs === null ? { ...row, revokedAtMs, revocationReason: reason } : row,
    )
  }

  revokeAll(ownerId: string, revokedAtMs: number, reason: string | null): readonly string[] {
    return this.#ofOwner(ownerId).flatMap(({ id, revokedAtMs: beforeMs }) => {
      if (beforeMs !== null) return []
      this.revoke(id, revokedAtMs, reason)
      return [id]
    })
  }

  setDisabled(id: string, disabledAtMs: number | null): boolean {
    return this.#change(id, (row) => ({ ...row, disabledAtMs }))
  }

  remove(id: string): boolean {
    const row = this.#rows.get(id)
    if (row === undefined) return false
    this.#rows.delete(id)
    if (row.lookup !== null) this.#idsByLookup.delete(row.lookup)
    const siblings = this.#idsByOwner.get(row.ownerId)
    siblings?.delete(id)
    if (siblings?.size === 0) this.#idsByOwner.delete(row.ownerId)
    if (this.#quotas.has(row.meterId) && this.#sharing(row).length === 0) this.#quotas.delete(row.meterId)
    this.#watchers.changed(id)
    return true
  }

  touch(id: string, usedAtMs: number): boolean {
    const row = this.#rows.get(id)
    if (row === undefined) return false
    const isLater = row.lastUsedAtMs === null || row.lastUsedAtMs < usedAtMs
    if (isLater) this.#rows.set(id, keyRecord({ ...row, lastUsedAtMs: usedAtMs }, null))
    return true
  }

  rehash(id: string, from: KeyDigest, to: KeyDigest & Pick<KeyRecord, 'lookup'>): boolean {
    const row = this.#rows.get(id)
    if (row === undefined || !isSameDigest(row, from)) return false
    if (to.lookup !== null && (this.#idsByLookup.get(to.lookup) ?? id) !== id) return false
    if (row.lookup !== null) this.#idsByLookup.delete(row.lookup)
    if (to.lookup !== null) this.#idsByLookup.set(to.lookup, id)
    return this.#change(id, (old) => ({ ...old, ...to }))
  }

  spend(meterId: string, nowMs: number): QuotaSpending {
    const quota = this.#quotas.get(meterId)
    if (quota === undefined) return { outcome: 'exceeded', remaining: 0, refillAtMs: null }
    const { refillAtMs, remaining, refill } = refilled(quota, nowMs)
    if (remaining <= 0) return { outcome: 'exceeded', remaining: 0, refillAtMs }
    this.#quotas.set(meterId, Object.freeze({ refill, refillAtMs, remaining: remaining - 1 }))
    return { outcome: 'ok', remaining: remaining - 1, refillAtMs }
  }

  watch(watcher: KeyWatcher): void {
    this.#watchers.add(watcher)
  }

  close(): void {
    this.#watchers.close()
  }

  #add(row: KeyRow): void {
    const { id, lookup, ownerId } = row
    this.#rows.set(id, row)
    if (lookup !== null) this.#idsByLookup.set(lookup, id)
    const siblings = this.#idsByOwner.get(ownerId)
    if (siblings === undefined) this.#idsByOwner.set(ownerId, new Set([id]))
    else siblings.add(id)
  }

  #ofOwner(ownerId: string): KeyRow[] {
    return [...(this.#idsByOwner.get(ownerId) ?? [])].map((id) => this.#rows.get(id)!)
  }

  /** Keys that share the meter are one owner's. */
  #sharing({ ownerId, meterId }: KeyRow): KeyRow[] {
    return this.#ofOwner(ownerId).filter((row) => row.meterId === meterId)
  }

  #whole(row: KeyRow): KeyRecord {
    const quota = this.#quotas.size === 0 ? undefined : this.#quotas.get(row.meterId)
    return quota === undefined ? row : keyRecord(row, quota)
  }

  #setQuota(meterId: string, quota: Quota | null): void {
    if (quota === null) this.#quotas.delete(meterId)
    else this.#quotas.set(meterId, quota)
  }

  #countActive(ownerId: string, nowMs: number): number {
    const isOver = ({ revokedAtMs, expiresAtMs }: KeyRow) =>
      revokedAtMs !== null || (expiresAtMs !== null && expiresAtMs <= nowMs)
    return this.#ofOwner(ownerId).filter((row) => !isOver(row)).length
  }

  #change(id: string, change: (row: KeyRow) => Omit<KeyRecord, 'quota'>): boolean {
    const row = this.#rows.get(id)
    if (row === undefined) return false
    this.#rows.set(id, keyRecord(change(row), null))
    this.#watchers.changed(id)
    return true
  }
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

/** By way of JSON, which is what a database would give back, too. */
function copied<Value>(value: Value): Value {
  return frozen(JSON.parse(JSON.stringify(value)) as Value)
}
