import {
  type Awaitable,
  isRepeatedInsert,
  isSameDigest,
  type KeyChanges,
  type KeyDigest,
  type KeyInsertion,
  type KeyQuery,
  type KeyRecord,
  type KeyRotation,
  type KeyStore,
  type KeyWatcher,
  KeyWatchers,
  type Quota,
  type QuotaSpending,
  refilled,
  type Successor,
} from '@latchkey/core'
import {
  changedColumns,
  isNamed,
  keyColumns,
  keyRecord,
  keyValues,
  nullableText,
  quotaColumns,
  quotaFrom,
  quotaValues,
  searchableText,
} from '../key-row.js'
import { storedText, textFrom } from '../stored-text.js'
import type { Connection, Row } from './connection.js'
import { type KeySql, keySql } from './key-sql.js'

/**
 * {@link KeyStore} in the tables `latchkey_keys` and `latchkey_quotas`. It cannot learn of other connections' writes: `PRAGMA
 * data_version` grows with every commit to the file, and asking for it costs as much as reading the key.
 */
export class SqliteKeyStore implements KeyStore {
  readonly #connection: Connection
  readonly #sql: KeySql
  readonly #watchers = new KeyWatchers()

  constructor(connection: Connection) {
    this.#watchers.heard()
    this.#connection = connection
    this.#sql = keySql(connection)
  }

  insert(record: KeyRecord, maxActiveOfOwner?: number): Awaitable<KeyInsertion> {
    const { id, lookup, ownerId, createdAtMs, meterId, quota } = record
    return this.#write(() => {
      const known = this.#find(id)
      if (known !== undefined) return isRepeatedInsert(known, record) ? 'ok' : 'taken'
      if (lookup !== null && this.#findByLookup([lookup]) !== undefined) return 'taken'
      if (maxActiveOfOwner !== undefined) {
        const row = this.#connection.first(this.#sql.countActive, storedText(ownerId), createdAtMs)
        if (Number(row?.active) >= maxActiveOfOwner) return 'full'
      }
      this.#connection.write(this.#sql.insert, ...keyValues(record))
      if (quota !== null) this.#setQuota(storedText(meterId), quota)
      return 'ok'
    })
  }

  find(id: string): Awaitable<KeyRecord | undefined> {
    return this.#connection.run(() => this.#find(id))
  }

  findByLookup(lookups: readonly string[]): Awaitable<KeyRecord | undefined> {
    return this.#connection.run(() => this.#findByLookup(lookups))
  }

  list({ ownerId, environment, nameContains, after = '', limit }: KeyQuery): Awaitable<readonly KeyRecord[]> {
    const where = nullableText(environment ?? null)
    const name = searchableText(nameContains)
    const [statement, owner] =
      ownerId === undefined ? [this.#sql.list, []] : [this.#sql.listOwner, [storedText(ownerId)]]
    return this.#connection.run(() => {
      for (let last = after; ; ) {
        const values = [...owner, storedText(last), where, where, name, name, limit]
        const records = this.#connection.rows(statement, ...values).map(recordOf)
        const found = records.filter((record) => isNamed(record, nameContains))
        if (found.length > 0 || records.length < limit) return found
        last = records.at(-1)!.id
      }
    })
  }

  update(id: string, changes: KeyChanges): Awaitable<boolean> {
    const columns = changedColumns(changes)
    const { quota } = changes
    return this.#change(id, (told) => {
      if (columns.length > 0) {
        const statement = this.#sql.set(columns.map(([column]) => column))
        this.#connection.write(statement, ...columns.map(([, value]) => value), storedText(id))
      }
      if (quota === undefined) return
      const meter = this.#meterOf(id)!
      const sharing = this.#connection.rows(this.#sql.sharing, meter)
      told.push(...sharing.map((row) => textFrom(row.id as string)))
      this.#setQuota(meter, quota)
    })
  }

  rotate(id: string, successor: Successor, endsAtMs: number | null): Awaitable<KeyRotation> {
    return this.#write((told) => {
      const old = this.#find(id)
      if (old === undefined) return 'absent'
      if (old.revokedAtMs !== null) return 'revoked'
      if (old.rotatedTo !== null) return 'rotated'
      if (old.expiresAtMs !== null && old.expiresAtMs <= successor.createdAtMs) return 'expired'
      if (this.#find(successor.id) !== undefined) return 'taken'
      told.push(id)
      const own = { rotatedFrom: id, rotatedTo: null, lookup: null, lastUsedAtMs: null }
      this.#connection.write(this.#sql.insert, ...keyValues({ ...old, ...successor, ...own }))
      const ends = [old.expiresAtMs, endsAtMs].filter((endMs) => endMs !== null)
      const endMs = ends.length === 0 ? null : Math.min(...ends)
      this.#connection.write(this.#sql.succeed, storedText(successor.id), endMs, storedText(id))
      return 'ok'
    })
  }

  shorten(id: string, expiresAtMs: number): Awaitable<boolean> {
    return this.#change(id, () => this.#connection.write(this.#sql.shorten, expiresAtMs, expiresAtMs, storedText(id)))
  }

  revoke(id: string, revokedAtMs: number, reason: string | null): Awaitable<boolean> {
    return this.#change(id, () =>
      this.#connection.write(this.#sql.revoke, revokedAtMs, nullableText(reason), storedText(id)),
    )
  }

  revokeAll(ownerId: string, revokedAtMs: number, reason: string | null): Awaitable<readonly string[]> {
    return this.#write((told) => {
      const ids = this.#connection.rows(this.#sql.unrevoked, storedText(ownerId)).map((row) => row.id as string)
      told.push(...ids.map(textFrom))
      for (const id of ids) this.#connection.write(this.#sql.revoke, revokedAtMs, nullableText(reason), id)
      return [...told]
    })
  }

  setDisabled(id: string, disabledAtMs: number | null): Awaitable<boolean> {
    return this.#change(id, () => this.#connection.write(this.#sql.setDisabled, disabledAtMs, storedText(id)))
  }

  remove(id: string): Awaitable<boolean> {
    return this.#change(id, () => {
      const meter = this.#meterOf(id)!
      this.#connection.write(this.#sql.remove, storedText(id))
      if (this.#connection.first(this.#sql.sharing, meter) === undefined) this.#setQuota(meter, null)
    })
  }

  touch(id: string, usedAtMs: number): Awaitable<boolean> {
    return this.#write(() => {
      this.#connection.write(this.#sql.touch, usedAtMs, usedAtMs, storedText(id))
      return this.#meterOf(id) !== undefined
    })
  }

  rehash(id: string, from: KeyDigest, to: KeyDigest & Pick<KeyRecord, 'lookup'>): Awaitable<boolean> {
    return this.#write((told) => {
      const known = this.#find(id)
      if (known === undefined || !isSameDigest(known, from)) return false
      const other = to.lookup === null ? undefined : this.#findByLookup([to.lookup])
      if (other !== undefined && other.id !== id) return false
      told.push(id)
      const values = [to.algorithm, to.pepperId, to.digest, to.lookup].map(nullableText)
      this.#connection.write(this.#sql.rehash, ...values, storedText(id))
      return true
    })
  }

  spend(meterId: string, nowMs: number): Awaitable<QuotaSpending> {
    const meter = storedText(meterId)
    return this.#write(() => {
      const row = this.#connection.first(this.#sql.quota, meter)
      const known = row && quotaFrom(quotaColumns.map((name) => row[name]))
      if (!known) return { outcome: 'exceeded', remaining: 0, refillAtMs: null }
      const quota = refilled(known, nowMs)
      const { remaining, refillAtMs } = quota
      if (remaining <= 0) return { outcome: 'exceeded', remaining: 0, refillAtMs }
      this.#setQuota(meter, { ...quota, remaining: remaining - 1 })
      return { outcome: 'ok', remaining: remaining - 1, refillAtMs }
    })
  }

  watch(watcher: KeyWatcher): void {
    this.#watchers.add(watcher)
  }

  close(): void {
    this.#watchers.close()
  }

  #find(id: string): KeyRecord | undefined {
    const row = this.#connection.first(this.#sql.find, storedText(id))
    return row && recordOf(row)
  }

  #findByLookup(lookups: readonly string[]): KeyRecord | undefined {
    const row = this.#connection.first(this.#sql.findByLookup, JSON.stringify(lookups.map(storedText)))
    return row && recordOf(row)
  }

  /** As it is stored; `undefined`: no such key. */
  #meterOf(id: string): string | undefined {
    return this.#connection.first(this.#sql.meter, storedText(id))?.meter_id as string | undefined
  }

  #setQuota(meter: string, quota: Quota | null): void {
    if (quota === null) this.#connection.write(this.#sql.endQuota, meter)
    else this.#connection.write(this.#sql.setQuota, meter, ...quotaValues(quota))
  }

  /** One transaction. It names the keys that it is about to change, and they are told of however it ends. */
  #write<Answer>(work: (told: string[]) => Answer): Awaitable<Answer> {
    return this.#connection.run(() => {
      const told: string[] = []
      try {
        return this.#connection.transaction(() => work(told))
      } finally {
        for (const id of told) this.#watchers.changed(id)
      }
    })
  }

  /** Changes the key, if it is there. */
  #change(id: string, work: (told: string[]) => void): Awaitable<boolean> {
    return this.#write((told) => {
      if (this.#meterOf(id) === undefined) return false
      told.push(id)
      work(told)
      return true
    })
  }
}

function recordOf(row: Row): KeyRecord {
  return keyRecord([...keyColumns, ...quotaColumns].map((name) => row[name]))
}
