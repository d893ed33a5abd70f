/** Most records that are looked at when one of a share has to make room. */
const mostSteps = 64

/** What stands in a {@link Share}: it knows its neighbours. */
export interface Linked<Entry> {
  older: Entry | undefined
  newer: Entry | undefined
  readonly expiresAtMs: number
}

/** The records of one scope, least recently written first, and the room they take. */
export class Share<Entry extends Linked<Entry>> {
  readonly scope: string
  records = 0
  bytes = 0
  #oldest: Entry | undefined
  #newest: Entry | undefined

  constructor(scope: string) {
    this.scope = scope
  }

  /** Puts a record at the end. */
  append(record: Entry): void {
    record.older = this.#newest
    record.newer = undefined
    if (this.#newest === undefined) this.#oldest = record
    else this.#newest.newer = record
    this.#newest = record
  }

  unlink(record: Entry): void {
    if (record.older === undefined) this.#oldest = record.newer
    else record.older.newer = record.newer
    if (record.newer === undefined) this.#newest = record.older
    else record.newer.older = record.older
  }

  moveToEnd(record: Entry): void {
    if (this.#newest === record) return
    this.unlink(record)
    this.append(record)
  }

  /** The least recently written record, if it has expired. Records of one ttl expire in this order, or nearly. */
  expired(nowMs: number): Entry | undefined {
    const oldest = this.#oldest
    return oldest !== undefined && oldest.expiresAtMs <= nowMs ? oldest : undefined
  }

  /** An expired record behind ones that live longer; what was looked at goes to the end, so that a next search goes on. */
  findExpired(nowMs: number): Entry | undefined {
    for (let step = Math.min(this.records, mostSteps); step > 0; step--) {
      const oldest = this.#oldest
      if (oldest === undefined || oldest.expiresAtMs <= nowMs) return oldest
      this.moveToEnd(oldest)
    }
    return undefined
  }
}
