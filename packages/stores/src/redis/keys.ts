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
import type { Subscription } from '../subscription.js'
import type { Connection } from './connection.js'
import { unreadable } from './fault.js'
import { columns, keyIn, stored, storedQuota } from './key-columns.js'
import { KeyPages } from './key-pages.js'
import * as scripts from './key-scripts.js'
import { number, text, wordIn } from './reply.js'

/**
 * {@link KeyStore} in hashes that do not expire, a field a column, so that each write touches what it names. Beside them are sorted sets
 * of ids for pages, a set of the ids that share a meter, and a hash each of lookups and of quotas. All share the hash tag `{keys}`: what
 * belongs to a key changes with it. A script that learns an id, an owner or a meter only from what it reads puts the name together itself.
 */
export class RedisKeyStore implements KeyStore {
  readonly #connection: Connection
  readonly #prefix: string
  readonly #channel: string
  readonly #changes: Subscription
  readonly #pages: KeyPages

  constructor(connection: Connection, keyPrefix: string, channel: string, changes: Subscription) {
    this.#connection = connection
    this.#channel = channel
    this.#changes = changes
    this.#prefix = `${keyPrefix}{keys}:`
    this.#pages = new KeyPages(connection)
  }

  async insert(record: KeyRecord, maxActiveOfOwner?: number): Promise<KeyInsertion> {
    const { id, lookup, ownerId, meterId, createdAtMs, quota } = record
    const reply = await this.#connection.write(
      scripts.insertScript,
      [
        this.#key(id),
        this.#ids,
        this.#owner(ownerId),
        this.#lookups,
        this.#meter(meterId),
        this.#quotas,
        this.#key(''),
      ],
      id,
      maxActiveOfOwner === undefined ? '' : String(maxActiveOfOwner),
      String(createdAtMs),
      quota === null ? '' : storedQuota(quota),
      stored(lookup),
      stored(meterId),
      ...columns.flatMap((column) => [column, stored(record[column])]),
    )
    return wordIn<KeyInsertion>(reply, ['ok', 'taken', 'full'])
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    const reply = await this.#connection.read(scripts.findScript, [this.#key(id), this.#quotas], id)
    return reply === null ? undefined : keyIn(reply)
  }

  async findByLookup(lookups: readonly string[]): Promise<KeyRecord | undefined> {
    const keys = [this.#lookups, this.#quotas, this.#key('')]
    const reply = await this.#connection.read(scripts.findByLookupScript, keys, ...lookups.map(stored))
    return reply === null ? undefined : keyIn(reply)
  }

  list(query: KeyQuery): Promise<readonly KeyRecord[]> {
    const { ownerId } = query
    const index = ownerId === undefined ? this.#ids : this.#owner(ownerId)
    return this.#pages.read([index, this.#quotas, this.#key('')], query)
  }

  async update(id: string, { quota, ...changes }: KeyChanges): Promise<boolean> {
    const values = namedValues(changes)
    if (quota === undefined) return isYes(await this.#change(scripts.setScript, id, [this.#key(id)], ...values))
    const keys = [this.#key(id), this.#quotas, this.#meter()]
    const ids = await this.#changeMany(scripts.setQuotaScript, keys, id, quota ? storedQuota(quota) : '', ...values)
    return ids.length > 0
  }

  async rotate(id: string, { id: newId, ...own }: Successor, endsAtMs: number | null): Promise<KeyRotation> {
    const reply = await this.#change(
      scripts.rotateScript,
      id,
      [this.#key(id), this.#key(newId), this.#ids, this.#owner(), this.#meter()],
      newId,
      String(own.createdAtMs),
      stored(endsAtMs),
      stored(newId),
      ...namedValues({ ...own, rotatedFrom: id }),
    )
    const outcome = wordIn<KeyRotation | 'unreadable'>(reply, [
      'ok',
      'absent',
      'revoked',
      'expired',
      'rotated',
      'taken',
      'unreadable',
    ])
    if (outcome === 'unreadable') throw unreadable('An API key')
    return outcome
  }

  async shorten(id: string, expiresAtMs: number): Promise<boolean> {
    return isYes(await this.#change(scripts.shortenScript, id, [this.#key(id)], String(expiresAtMs)))
  }

  async revoke(id: string, revokedAtMs: number, reason: string | null): Promise<boolean> {
    return isYes(await this.#change(scripts.revokeScript, id, [this.#key(id)], String(revokedAtMs), stored(reason)))
  }

  async revokeAll(ownerId: string, revokedAtMs: number, reason: string | null): Promise<readonly string[]> {
    const keys = [this.#owner(ownerId), this.#key('')]
    return this.#changeMany(scripts.revokeAllScript, keys, String(revokedAtMs), stored(reason))
  }

  async setDisabled(id: string, disabledAtMs: number | null): Promise<boolean> {
    return isYes(await this.#change(scripts.setScript, id, [this.#key(id)], ...namedValues({ disabledAtMs })))
  }

  async remove(id: string): Promise<boolean> {
    const keys = [this.#key(id), this.#ids, this.#lookups, this.#quotas, this.#owner(), this.#meter()]
    return isYes(await this.#change(scripts.removeScript, id, keys))
  }

  async touch(id: string, usedAtMs: number): Promise<boolean> {
    return isYes(await this.#connection.write(scripts.touchScript, [this.#key(id)], String(usedAtMs)))
  }

  async rehash(id: string, from: KeyDigest, to: KeyDigest & Pick<KeyRecord, 'lookup'>): Promise<boolean> {
    const before = [from.algorithm, from.pepperId, from.digest].map(stored)
    const { algorithm, pepperId, digest, lookup } = to
    const after = namedValues({ algorithm, pepperId, digest, lookup })
    return isYes(await this.#change(scripts.rehashScript, id, [this.#key(id), this.#lookups], ...before, ...after))
  }

  async spend(meterId: string, nowMs: number): Promise<QuotaSpending> {
    const values = [stored(meterId), String(nowMs)]
    const reply = await this.#connection.write(scripts.spendScript, [this.#quotas], ...values)
    const [isSpent, remaining, refillAtMs] = (reply as readonly unknown[]).map(number)
    if (isSpent === undefined) throw unreadable('A quota')
    return { outcome: isSpent === 1 ? 'ok' : 'exceeded', remaining: remaining!, refillAtMs: refillAtMs ?? null }
  }

  watch(watcher: KeyWatcher): void {
    this.#changes.watch(watcher)
  }

  async #change(script: string, id: string, keys: readonly string[], ...values: readonly string[]): Promise<unknown> {
    try {
      return await this.#connection.write(script, keys, this.#channel, id, ...values)
    } finally {
      this.#changes.changed(id)
    }
  }

  /** The script answers with the ids of the keys that it has changed. */
  async #changeMany(script: string, keys: readonly string[], ...values: readonly string[]): Promise<readonly string[]> {
    try {
      const reply = await this.#connection.write(script, keys, this.#channel, ...values)
      const ids = (reply as readonly unknown[]).map(text)
      for (const id of ids) this.#changes.changed(id)
      return ids
    } catch (error) {
      // Which ones have been changed all the same is not known.
      this.#changes.changed()
      throw error
    }
  }

  #key(id: string): string {
    return `${this.#prefix}key:${id}`
  }

  /** What the names of all of them begin with, without an owner. */
  #owner(ownerId?: string): string {
    return `${this.#prefix}owner:${ownerId === undefined ? '' : stored(ownerId)}`
  }

  #meter(meterId?: string): string {
    return `${this.#prefix}meter:${meterId === undefined ? '' : stored(meterId)}`
  }

  get #ids(): string {
    return `${this.#prefix}ids`
  }

  get #lookups(): string {
    return `${this.#prefix}lookups`
  }

  get #quotas(): string {
    return `${this.#prefix}quotas`
  }
}

function namedValues(columns: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(columns).flatMap(([column, value]) => (value === undefined ? [] : [column, stored(value)]))
}

function isYes(reply: unknown): boolean {
  return number(reply) === 1
}
