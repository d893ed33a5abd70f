import { StoreError } from '../errors.js'
import type { MemoryRecord } from './memory-record.js'
import { Round } from './round.js'
import { Share } from './share.js'

/** What a record takes besides its content, and a scope besides its records: measured on V8, rounded up. */
const recordBytes = 480
const scopeBytes = 320

/** Scopes that are visited for expired records with each claim, and when there is no room. */
const usualSteps = 2
const mostSteps = 64

type Records = Share<MemoryRecord>

export interface RoomLimits {
  readonly maxRecords: number
  readonly maxBytes: number
  readonly maxRecordsPerScope: number | undefined
}

/**
 * How many records fit, in all and from each scope. Counts are exact; what has expired is given up a little with each claim,
 * and on pressure; what has not is never given up.
 */
export class Room {
  readonly #limits: RoomLimits
  readonly #forget: (record: MemoryRecord) => void
  readonly #shares = new Map<string, Records>()
  readonly #round = new Round(() => this.#shares.values())
  #records = 0
  #bytes = 0

  /** @param forget drops an expired record and tells {@link Room.leave} of it. */
  constructor(limits: RoomLimits, forget: (record: MemoryRecord) => void) {
    this.#limits = limits
    this.#forget = forget
  }

  /** The share that has room for one more record of this scope. */
  admit(scope: string, nowMs: number): Records {
    for (let step = 0; step < usualSteps; step++) this.#clear(this.#round.next(), nowMs)
    const hasRoom = () => this.#fits(this.#shares.get(scope))
    if (!hasRoom()) this.#press(this.#shares.get(scope), nowMs, hasRoom)
    if (!hasRoom()) throw new StoreError('full', 'The memory store has no room for another record of this scope')
    let share = this.#shares.get(scope)
    if (share === undefined) {
      share = new Share<MemoryRecord>(scope)
      this.#shares.set(scope, share)
      this.#bytes += scopeBytes
    }
    return share
  }

  enter(record: MemoryRecord): void {
    record.share.append(record)
    record.share.records++
    this.#records++
    this.#add(record.share, recordBytes)
  }

  leave(record: MemoryRecord): void {
    const { share, content } = record
    share.unlink(record)
    share.records--
    this.#records--
    this.#add(share, -recordBytes - content.length)
    if (share.records > 0) return
    this.#shares.delete(share.scope)
    this.#bytes -= scopeBytes
  }

  /** Makes room for a reply of a record that was admitted; the last eighth of all bytes is kept for these. */
  reserve(share: Records, contentBytes: number, nowMs: number): void {
    const hasRoom = () => this.#bytes + contentBytes <= this.#limits.maxBytes
    if (!hasRoom()) this.#press(share, nowMs, hasRoom)
    if (!hasRoom()) throw new StoreError('full', 'The memory store has no room for this reply')
  }

  /** Counts the new content of a record in place of the one it has. */
  replace(record: MemoryRecord, content: string): void {
    this.#add(record.share, content.length - record.content.length)
    record.content = content
    record.share.moveToEnd(record)
  }

  #add(share: Records, bytes: number): void {
    share.bytes += bytes
    this.#bytes += bytes
  }

  /**
   * Without a limit of its own a scope may have half as many records as are left free, and so with bytes: however many
   * scopes flood the store, each leaves room for the next.
   */
  #fits(share: Records | undefined): boolean {
    const { maxRecords, maxBytes, maxRecordsPerScope } = this.#limits
    const freeRecords = maxRecords - this.#records
    const freeBytes = maxBytes - maxBytes / 8 - this.#bytes - (share === undefined ? scopeBytes : 0)
    if (freeRecords < 1 || freeBytes < recordBytes) return false
    return (
      share === undefined || (share.records < (maxRecordsPerScope ?? freeRecords / 2) && share.bytes < freeBytes / 2)
    )
  }

  #clear(share: Records | undefined, nowMs: number): void {
    if (share === undefined) return
    for (let step = 0; step < usualSteps; step++) {
      const record = share.expired(nowMs)
      if (record === undefined) return
      this.#forget(record)
    }
  }

  /** Gives up expired records, of this scope first, until there is room or enough was looked at. */
  #press(own: Records | undefined, nowMs: number, hasRoom: () => boolean): void {
    let share = own ?? this.#round.next()
    for (let step = 0; step < mostSteps && share !== undefined && !hasRoom(); step++) {
      const record = share.findExpired(nowMs)
      if (record === undefined) share = this.#round.next()
      else this.#forget(record)
    }
  }
}
