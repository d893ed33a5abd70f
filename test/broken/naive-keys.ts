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
} from '@latchkey/core'
import { copyOf } from './naive-key-copy.js'
import { barOf, isActive, listed } from './naive-key-judgement.js'
import { NaiveKeyWatch } from './naive-key-watch.js'
import { spent } from './naive-quota.js'
import type { Has } from './store-flaws.js'

/** The plainest keys that keep the contract, and at every turn of it the way to break it. */
export class NaiveKeys implements KeyStore {
  readonly #records: Map<string, KeyRecord>
  readonly #quotas: Map<string, Quota>
  readonly #watch: NaiveKeyWatch
  readonly #has: Has

  /** @param other whose records these are, too, as those of a database are several processes'. */
  constructor(has: Has, other?: NaiveKeys) {
    this.#has = has
    this.#records = other ? other.#records : new Map()
    this.#quotas = other ? other.#quotas : new Map()
    this.#watch = new NaiveKeyWatch(has, other ? other.#watch : undefined)
  }

  async insert(record: KeyRecord, maxActiveOfOwner?: number): Promise<KeyInsertion> {
    const holder = this.#holder(record.lookup)
    if (this.#has('looks for lookups, reading first')) await undefined
    const active = [...this.#records.values()].filter((each) => isActive(each, record, this.#has)).length
    if (this.#has('counts keys, reading first')) await undefined
    const known = this.#records.get(this.#key(record.id))
    if (this.#has('inserts, reading first')) await undefined
    if (known !== undefined && !this.#has('lets a key replace another')) {
      const isAgain = known.digest === record.digest && !this.#has('takes an insert that comes again for another')
      if (isAgain && this.#has('lets an insert that comes again undo what came since'))
        this.#records.set(known.id, record)
      return isAgain ? 'ok' : 'taken'
    }
    const isFree = holder === undefined || this.#has('lets several keys have a lookup')
    if (record.quota !== null && (isFree || this.#has('keeps the quota of a key that it refuses'))) {
      this.#quotas.set(record.meterId, record.quota)
    }
    if (!isFree) return 'taken'
    if (active >= (maxActiveOfOwner ?? Number.POSITIVE_INFINITY)) return 'full'
    this.#records.set(this.#key(record.id), copyOf(record, this.#has))
    return 'ok'
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    return this.#whole(this.#records.get(this.#key(id)))
  }

  async findByLookup(lookups: readonly string[]): Promise<KeyRecord | undefined> {
    const asked = this.#has('finds the last lookup first') ? lookups.toReversed() : lookups
    return this.#whole(asked.map((lookup) => this.#holder(lookup)).find((record) => record !== undefined))
  }

  async list(query: KeyQuery): Promise<readonly KeyRecord[]> {
    return listed([...this.#records.values()], query, this.#has).map((record) => this.#whole(record)!)
  }

  async update(id: string, changes: KeyChanges): Promise<boolean> {
    const { quota, ...columns } = changes
    const named = this.#has('takes null for nothing') ? withoutNull(columns) : columns
    const record = this.#records.get(this.#key(id))
    const meterId = record?.meterId ?? (this.#has('sets quotas of keys that are not there') ? id : undefined)
    if (meterId !== undefined && quota !== undefined) {
      const before = this.#has('adds to a quota by hand') ? (this.#quotas.get(meterId)?.remaining ?? 0) : 0
      if (quota === null) this.#quotas.delete(meterId)
      else this.#quotas.set(meterId, { ...quota, remaining: quota.remaining + before })
    }
    if (record !== undefined && quota !== undefined) {
      if (!this.#has('tells of one key where several change'))
        for (const other of this.#sharing(record)) this.#watch.tell(other.id)
    }
    const rest = this.#has('empties what an update does not name') ? { allowedIps: null } : {}
    return this.#change(id, (old) => ({ ...old, ...rest, ...named }), 'updates whole records')
  }

  async rotate(id: string, successor: Successor, endsAtMs: number | null): Promise<KeyRotation> {
    const old = this.#records.get(id)
    if (old === undefined) return 'absent'
    const bar = barOf(old, successor, this.#records.has(successor.id), this.#has)
    if (bar !== undefined) return bar
    if (this.#has('rotates, reading first')) await undefined
    const current = this.#has('rotates the key as it was') ? old : this.#records.get(id)!
    if (this.#has('rotates the key as it was')) await undefined
    const own = { rotatedFrom: id, rotatedTo: null, lookup: null, lastUsedAtMs: null }
    const kept = this.#has('lets a successor have the lookup') ? { ...own, lookup: current.lookup } : own
    const enabled = this.#has('enables successors') ? { disabledAtMs: null } : {}
    const metered = this.#has('gives a successor a meter of its own') ? { meterId: successor.id } : {}
    this.#records.set(successor.id, { ...current, ...successor, ...kept, ...enabled, ...metered })
    const endMs = this.#has('ends a rotated key as it is told') ? endsAtMs : earlier(current.expiresAtMs, endsAtMs)
    this.#records.set(id, { ...current, rotatedTo: successor.id, expiresAtMs: endMs })
    this.#watch.tell(id)
    return 'ok'
  }

  async shorten(id: string, expiresAtMs: number): Promise<boolean> {
    return this.#change(id, (record) => ({
      ...record,
      expiresAtMs: this.#has('puts ends off') ? expiresAtMs : earlier(record.expiresAtMs, expiresAtMs),
    }))
  }

  async revoke(id: string, revokedAtMs: number, reason: string | null): Promise<boolean> {
    return this.#change(id, (record) =>
      record.revokedAtMs === null || this.#has('lets the last revocation stand')
        ? { ...record, revokedAtMs, revocationReason: reason }
        : record,
    )
  }

  async revokeAll(ownerId: string, revokedAtMs: number, reason: string | null): Promise<readonly string[]> {
    const isTheirs = (record: KeyRecord): boolean => record.ownerId === ownerId
    const isLeft = (record: KeyRecord): boolean => record.revokedAtMs === null || this.#has('revokes what was revoked')
    const found = [...this.#records.values()].filter((record) => isTheirs(record) && isLeft(record))
    if (this.#has('revokes all keys, reading first', 'tells of keys that another has revoked')) await undefined
    for (const { id } of found) {
      const record = this.#records.get(id)!
      if (record.revokedAtMs !== null && this.#has('tells of keys that another has revoked')) continue
      this.#records.set(id, { ...record, revokedAtMs, revocationReason: reason })
    }
    const told = this.#has('tells of one key where several change') ? found.slice(0, 1) : found
    for (const { id } of told) this.#watch.tell(id)
    return found.map(({ id }) => id)
  }

  async setDisabled(id: string, disabledAtMs: number | null): Promise<boolean> {
    const more = this.#has('revives a revoked key that is enabled') ? { revokedAtMs: null } : {}
    return this.#change(id, (record) => ({ ...record, disabledAtMs, ...more }))
  }

  async remove(id: string): Promise<boolean> {
    const record = this.#records.get(id)
    if (record === undefined) return false
    const isLast = this.#sharing(record).length === 1 || this.#has('ends a quota with the first of its keys')
    if (this.#has('removes, reading first')) await undefined
    for (const { ownerId, id: other } of this.#records.values()) {
      const isToo = this.#has('removes all keys of the owner') && ownerId === record.ownerId
      if (other === id || isToo) this.#records.delete(other)
    }
    if (isLast && !this.#has('keeps quotas for ever')) this.#quotas.delete(record.meterId)
    this.#watch.tell(id)
    return true
  }

  async touch(id: string, usedAtMs: number): Promise<boolean> {
    const record = this.#records.get(id)
    if (record === undefined) return this.#has('writes to keys that are not there')
    const isLater = usedAtMs > (record.lastUsedAtMs ?? Number.NEGATIVE_INFINITY)
    if (this.#has('notes uses in whole records')) await undefined
    const current = this.#has('notes uses in whole records') ? record : this.#records.get(id)!
    if (isLater || this.#has('lets the last use stand')) this.#records.set(id, { ...current, lastUsedAtMs: usedAtMs })
    if (this.#has('tells of uses')) this.#watch.tell(id)
    return true
  }

  async rehash(id: string, from: KeyDigest, to: KeyDigest & Pick<KeyRecord, 'lookup'>): Promise<boolean> {
    const record = this.#records.get(id)
    if (record === undefined) return false
    const columns = this.#has('compares the text of digests alone') ? (['digest'] as const) : digestColumns
    const isAsNamed = columns.every((column) => record[column] === from[column])
    if (!isAsNamed && !this.#has('replaces whichever digest there is')) return false
    const holder = this.#holder(to.lookup)
    if (this.#has('replaces digests, reading first')) await undefined
    if (holder !== undefined && holder.id !== id && !this.#has('takes lookups away')) return false
    const { algorithm, pepperId, digest, lookup } = to
    return this.#change(id, (old) => ({ ...old, algorithm, pepperId, digest, lookup }))
  }

  async spend(meterId: string, nowMs: number): Promise<QuotaSpending> {
    const known = this.#quotas.get(meterId)
    if (this.#has('spends, reading first')) await undefined
    if (this.#has('refills, reading first') && nowMs >= (known?.refillAtMs ?? Number.POSITIVE_INFINITY)) await undefined
    if (known === undefined) {
      const outcome = this.#has('takes no quota for an endless one') ? 'ok' : 'exceeded'
      return { outcome, remaining: 0, refillAtMs: null }
    }
    const { quota, spending } = spent(known, nowMs, this.#has)
    this.#quotas.set(meterId, quota)
    return spending
  }

  watch(watcher: KeyWatcher): void {
    this.#watch.add(watcher)
  }

  close(): void {
    this.#watch.close()
  }

  #holder(lookup: string | null): KeyRecord | undefined {
    if (lookup === null && !this.#has('takes no lookup for one')) return undefined
    return [...this.#records.values()].find((record) => record.lookup === lookup)
  }

  #sharing({ meterId }: KeyRecord): KeyRecord[] {
    return [...this.#records.values()].filter((record) => record.meterId === meterId)
  }

  #whole(record: KeyRecord | undefined): KeyRecord | undefined {
    return record && { ...record, quota: this.#quotas.get(record.meterId) ?? null }
  }

  async #change(
    id: string,
    change: (record: KeyRecord) => KeyRecord,
    flaw?: 'updates whole records',
  ): Promise<boolean> {
    const record = this.#records.get(this.#key(id))
    if (record === undefined) return this.#has('writes to keys that are not there')
    const changed = change(record)
    // Whole records, written back: what came in between is undone.
    if (this.#has('writes whole records') || (flaw && this.#has(flaw))) await undefined
    if (this.#has('tells before it has written')) {
      this.#watch.tell(id)
      await undefined
    }
    this.#records.set(this.#key(id), changed)
    if (this.#has('tells of a write after its answer')) setTimeout(() => this.#watch.tell(id))
    else this.#watch.tell(id)
    return true
  }

  #key(id: string): string {
    return this.#has('compares keys without case') ? id.toLowerCase() : id
  }
}

const digestColumns = ['algorithm', 'pepperId', 'digest'] as const

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other)
}

function withoutNull(columns: KeyChanges): KeyChanges {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null))
}
