import type {
  KeyChanges,
  KeyDigest,
  KeyInsertion,
  KeyQuery,
  KeyRecord,
  KeyRotation,
  KeyStore,
  KeyWatcher,
  QuotaSpending,
  Successor,
} from '@latchkey/core'
import {
  changedColumns,
  isNamed,
  keyRecord,
  keyValues,
  nullableNumber,
  nullableText,
  quotaValues,
  searchableText,
} from '../key-row.js'
import { storedText, textFrom } from '../stored-text.js'
import type { Subscription } from '../subscription.js'
import type { PostgresValue, Statement } from './client.js'
import type { Connection } from './connection.js'
import { KeySql } from './key-sql.js'

/** {@link KeyStore} in the tables `latchkey_keys` and `latchkey_quotas`. Triggers of theirs tell of changes, whoever makes them. */
export class PostgresKeyStore implements KeyStore {
  readonly #connection: Connection
  readonly #sql: KeySql
  readonly #changes: Subscription

  constructor(connection: Connection, schema: string, changes: Subscription) {
    this.#connection = connection
    this.#changes = changes
    this.#sql = new KeySql(schema)
  }

  async insert(record: KeyRecord, maxActiveOfOwner?: number): Promise<KeyInsertion> {
    const values = [...keyValues(record), ...quotaValues(record.quota), maxActiveOfOwner ?? null]
    const [outcome] = await this.#connection.row(this.#sql.insert, ...values)
    return outcome as KeyInsertion
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    const [row] = await this.#connection.rows(this.#sql.find, storedText(id))
    return row && keyRecord(row)
  }

  async findByLookup(lookups: readonly string[]): Promise<KeyRecord | undefined> {
    const [row] = await this.#connection.rows(this.#sql.findByLookup, JSON.stringify(lookups.map(storedText)))
    return row && keyRecord(row)
  }

  async list({ ownerId, environment, nameContains, after = '', limit }: KeyQuery): Promise<readonly KeyRecord[]> {
    const filters = [nullableText(environment ?? null), searchableText(nameContains)]
    const [statement, owner] =
      ownerId === undefined ? [this.#sql.list, []] : [this.#sql.listOwner, [storedText(ownerId)]]
    for (let last = after; ; ) {
      const rows = await this.#connection.rows(statement, storedText(last), limit, ...filters, ...owner)
      const records = rows.map(keyRecord)
      const found = records.filter((record) => isNamed(record, nameContains))
      if (found.length > 0 || records.length < limit) return found
      last = records.at(-1)!.id
    }
  }

  async update(id: string, changes: KeyChanges): Promise<boolean> {
    const columns = changedColumns(changes)
    const names = columns.map(([column]) => column)
    const values = columns.map(([, value]) => value)
    const { quota } = changes
    if (quota === undefined) return this.#change(this.#sql.update(names), id, ...values)
    const statement = quota === null ? this.#sql.endQuota(names) : this.#sql.setQuota(names)
    const ids = await this.#changeAll(statement, id, ...values, ...(quota === null ? [] : quotaValues(quota)))
    return ids.length > 0
  }

  async rotate(id: string, successor: Successor, endsAtMs: number | null): Promise<KeyRotation> {
    const { createdAtMs, expiresAtMs, graceOnUseSeconds } = successor
    const texts = [successor.id, successor.prefix, successor.algorithm, successor.pepperId, successor.digest]
    const values = [...texts.map(nullableText), createdAtMs, expiresAtMs, graceOnUseSeconds, endsAtMs]
    try {
      const [outcome] = await this.#connection.row(this.#sql.rotate, storedText(id), ...values)
      return outcome as KeyRotation
    } finally {
      this.#changes.changed(id)
    }
  }

  shorten(id: string, expiresAtMs: number): Promise<boolean> {
    return this.#change(this.#sql.shorten, id, expiresAtMs)
  }

  revoke(id: string, revokedAtMs: number, reason: string | null): Promise<boolean> {
    return this.#change(this.#sql.revoke, id, revokedAtMs, nullableText(reason))
  }

  revokeAll(ownerId: string, revokedAtMs: number, reason: string | null): Promise<readonly string[]> {
    return this.#changeAll(this.#sql.revokeAll, ownerId, revokedAtMs, nullableText(reason))
  }

  setDisabled(id: string, disabledAtMs: number | null): Promise<boolean> {
    return this.#change(this.#sql.setDisabled, id, disabledAtMs)
  }

  remove(id: string): Promise<boolean> {
    return this.#change(this.#sql.remove, id)
  }

  async touch(id: string, usedAtMs: number): Promise<boolean> {
    return (await this.#connection.rows(this.#sql.touch, storedText(id), usedAtMs)).length > 0
  }

  rehash(id: string, from: KeyDigest, to: KeyDigest & Pick<KeyRecord, 'lookup'>): Promise<boolean> {
    const digests = [from.algorithm, from.pepperId, from.digest, to.algorithm, to.pepperId, to.digest, to.lookup]
    return this.#change(this.#sql.rehash, id, ...digests.map(nullableText))
  }

  async spend(meterId: string, nowMs: number): Promise<QuotaSpending> {
    const [row] = await this.#connection.rows(this.#sql.spend, storedText(meterId), nowMs)
    if (row === undefined) return { outcome: 'exceeded', remaining: 0, refillAtMs: null }
    const [remaining, refillAtMs] = [Number(row[0]), nullableNumber(row[1])]
    return remaining > 0
      ? { outcome: 'ok', remaining: remaining - 1, refillAtMs }
      : { outcome: 'exceeded', remaining: 0, refillAtMs }
  }

  watch(watcher: KeyWatcher): void {
    this.#changes.watch(watcher)
  }

  async #change(statement: Statement, id: string, ...values: readonly PostgresValue[]): Promise<boolean> {
    try {
      return (await this.#connection.rows(statement, storedText(id), ...values)).length > 0
    } finally {
      this.#changes.changed(id)
    }
  }

  /** A statement that answers with the ids of all keys that it has changed; where it fails, it may have been any. */
  async #changeAll(statement: Statement, whose: string, ...values: readonly PostgresValue[]): Promise<string[]> {
    try {
      const rows = await this.#connection.rows(statement, storedText(whose), ...values)
      const ids = rows.map(([id]) => textFrom(id as string))
      for (const id of ids) this.#changes.changed(id)
      return ids
    } catch (error) {
      this.#changes.changed()
      throw error
    }
  }
}
