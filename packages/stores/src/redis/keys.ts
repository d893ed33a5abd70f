import type { KeyQuery, KeyRecord, KeyStore, KeyWatcher } from '@latchkey/core'
import type { Subscription } from '../subscription.js'
import type { Connection } from './connection.js'
import { unreadable } from './fault.js'
import { number, text } from './reply.js'

/**
 * Keys: the record, the index of all ids, the index of the owner's ids. Arguments: id, fields and values from `record` on. An
 * insert that a client sends again finds its own record. Indexes first: an id that leads nowhere is harmless.
 */
const insertScript = `
local record = redis.call('HGET', KEYS[1], 'record')
if record then return record == ARGV[3] and 1 or 0 end
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZADD', KEYS[3], 0, ARGV[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1`

/** Keys: records. A script, and not the command: clients may send commands that only read to a replica, which lags behind. */
const readScript = `
local records = {}
for index, key in ipairs(KEYS) do
  records[index] = redis.call('HMGET', key, 'record', 'disabled', 'revoked', 'reason')
  if not records[index][1] then records[index] = redis.call('EXISTS', key) end
end
return records`

/**
 * Ends a script that has changed a key: arguments 1 and 2 are the channel and the id. In one step with the write, so that whoever
 * hears of it reads what was written. A user who may not publish has written all the same.
 */
const tellAll = `
redis.pcall('PUBLISH', ARGV[1], ARGV[2])
return 1`

/** Arguments: channel, id, time, and the reason where there is one. */
const revokeScript = `
if redis.call('HEXISTS', KEYS[1], 'record') == 0 then return 0 end
if redis.call('HSETNX', KEYS[1], 'revoked', ARGV[3]) == 1 and ARGV[4] then
  redis.call('HSET', KEYS[1], 'reason', ARGV[4])
end${tellAll}`

/** Arguments: channel, id, and time or none. */
const setDisabledScript = `
if redis.call('HEXISTS', KEYS[1], 'record') == 0 then return 0 end
if ARGV[3] then redis.call('HSET', KEYS[1], 'disabled', ARGV[3]) else redis.call('HDEL', KEYS[1], 'disabled') end${tellAll}`

/**
 * {@link KeyStore} in hashes that do not expire, with sorted sets of ids for its pages. All share the hash tag `{keys}`, so that a
 * key and its owner's index change together; what is written later is a field of its own.
 */
export class RedisKeyStore implements KeyStore {
  readonly #connection: Connection
  readonly #prefix: string
  readonly #channel: string
  readonly #changes: Subscription

  constructor(connection: Connection, keyPrefix: string, channel: string, changes: Subscription) {
    this.#connection = connection
    this.#channel = channel
    this.#changes = changes
    this.#prefix = `${keyPrefix}{keys}:`
  }

  async insert(record: KeyRecord): Promise<boolean> {
    const { id, disabledAtMs, revokedAtMs, revocationReason, ...rest } = record
    const values = ['record', JSON.stringify(rest)]
    if (disabledAtMs !== null) values.push('disabled', String(disabledAtMs))
    if (revokedAtMs !== null) values.push('revoked', String(revokedAtMs))
    if (revocationReason !== null) values.push('reason', JSON.stringify(revocationReason))
    const keys = [this.#key(id), this.#index(), this.#index(rest.ownerId)]
    return isYes(await this.#connection.write(insertScript, keys, id, ...values))
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    return (await this.#read([id]))[0]
  }

  /** Two round trips: a page of the index, and its records. */
  async list({ ownerId, after = '', limit }: KeyQuery): Promise<readonly KeyRecord[]> {
    const range = [`(${after}`, '+', 'LIMIT', '0', String(limit)]
    const ids = (await this.#connection.command('ZRANGEBYLEX', this.#index(ownerId), ...range)) as readonly unknown[]
    const found = ids.length === 0 ? [] : await this.#read(ids.map(text))
    return found.filter((record) => record !== undefined)
  }

  async revoke(id: string, revokedAtMs: number, reason: string | null): Promise<boolean> {
    const values = [String(revokedAtMs), ...(reason === null ? [] : [JSON.stringify(reason)])]
    return this.#change(revokeScript, id, values)
  }

  async setDisabled(id: string, disabledAtMs: number | null): Promise<boolean> {
    const values = disabledAtMs === null ? [] : [String(disabledAtMs)]
    return this.#change(setDisabledScript, id, values)
  }

  watch(watcher: KeyWatcher): void {
    this.#changes.watch(watcher)
  }

  async #change(script: string, id: string, values: readonly string[]): Promise<boolean> {
    try {
      return isYes(await this.#connection.write(script, [this.#key(id)], this.#channel, id, ...values))
    } finally {
      this.#changes.changed(id)
    }
  }

  async #read(ids: readonly string[]): Promise<readonly (KeyRecord | undefined)[]> {
    const keys = ids.map((id) => this.#key(id))
    const replies = (await this.#connection.read(readScript, keys)) as readonly unknown[]
    return ids.map((id, index) => keyIn(id, replies[index]))
  }

  #key(id: string): string {
    return `${this.#prefix}key:${id}`
  }

  #index(ownerId?: string): string {
    return `${this.#prefix}${ownerId === undefined ? 'ids' : `owner:${JSON.stringify(ownerId)}`}`
  }
}

function isYes(reply: unknown): boolean {
  return number(reply) === 1
}

/** JSON is UTF-8 whatever the texts hold. */
function keyIn(id: string, reply: unknown): KeyRecord | undefined {
  if (number(reply) === 0) return undefined
  try {
    const [record, disabled, revoked, reason] = reply as readonly unknown[]
    return {
      id,
      ...(JSON.parse(text(record)) as Omit<KeyRecord, 'id' | 'disabledAtMs' | 'revokedAtMs' | 'revocationReason'>),
      disabledAtMs: number(disabled) ?? null,
      revokedAtMs: number(revoked) ?? null,
      revocationReason: reason === null ? null : (JSON.parse(text(reason)) as string),
    }
  } catch {
    throw unreadable('An API key')
  }
}
