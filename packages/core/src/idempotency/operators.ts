import { ConfigurationError } from '../errors.js'
import type { Reply } from '../guard.js'
import { decodeNote, decodeReply, encodeReply, type RecordFault, type TombstoneNote } from './reply/reply-record.js'
import type { HasIdempotencyStore, IdempotencyRecord, RecordQuery } from './store.js'

/** A record with its content read. */
export interface ShownRecord extends Omit<IdempotencyRecord, 'content'> {
  /** Of a settled record. */
  readonly reply?: Reply
  /** Of a tombstone. */
  readonly note?: TombstoneNote
  /** Why the content cannot be read. */
  readonly fault?: RecordFault
}

/**
 * How an operator's decision came out. Nothing changed where it is `live`: a handler still runs; `settled`: there is a reply
 * already; `absent`: there is no such record.
 */
export type Resolved = 'ok' | 'live' | 'settled' | 'absent'

/** What an operator can do with records by hand. */
export interface IdempotencyRecords {
  /** A page of records in the order of their ids, 100 unless told; `after` the last id goes on. */
  list(query?: Partial<RecordQuery>): Promise<readonly IdempotencyRecord[]>
  /** One record, or `undefined` where there is none. */
  show(id: string): Promise<ShownRecord | undefined>
  /** Frees the key: the request was not carried out, and its next repetition runs the handler. */
  release(id: string): Promise<Resolved>
  /** Ends the record with this reply: the request was carried out, and its repetitions are answered so. */
  settle(id: string, reply: Reply, options?: { readonly ttlSeconds?: number }): Promise<Resolved>
}

/**
 * Records by hand: the way out of `idempotency-outcome-unknown`, once somebody has found out what happened. Ids come from
 * events, or from `recordId`.
 *
 * @example
 * ```ts
 * import { idempotencyRecords, recordId, type Store } from '@latchkey/core'
 *
 * const free = (store: Store, ownerId: string, key: string) =>
 *   idempotencyRecords(store).release(recordId({ kind: 'caller', value: ownerId }, key))
 * ```
 */
export function idempotencyRecords({ idempotency: store }: HasIdempotencyStore): IdempotencyRecords {
  return {
    list: async (query = {}) => store.list({ ...query, limit: checkedLimit(query.limit ?? 100) }),
    show: async (id) => {
      const record = await store.find(id)
      return record && shown(record)
    },
    release: async (id) => store.resolve(id, { kind: 'release' }, 0),
    settle: async (id, reply, { ttlSeconds = 86_400 } = {}) =>
      store.resolve(id, { kind: 'settle', reply: encodeReply(reply) }, checkedTtl(ttlSeconds)),
  }
}

function shown({ content, ...record }: IdempotencyRecord): ShownRecord {
  if (content === undefined) return record
  if (record.state === 'settled') {
    const reply = decodeReply(content)
    return typeof reply === 'string' ? { ...record, fault: reply } : { ...record, reply }
  }
  const note = decodeNote(content)
  return typeof note === 'string' ? { ...record, fault: note } : { ...record, note }
}

function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit
  throw new ConfigurationError('invalid-option', `idempotencyRecords: "limit" must be 1 to 1000, it is ${limit}`)
}

function checkedTtl(seconds: number): number {
  if (seconds > 0 && seconds <= 315_360_000) return seconds
  throw new ConfigurationError('invalid-option', `idempotencyRecords: "ttlSeconds" must be above 0, it is ${seconds}`)
}
