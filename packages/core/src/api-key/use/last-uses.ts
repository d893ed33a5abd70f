import { isPromise } from '../../deadline.js'
import type { Awaitable } from '../../guard.js'
import { makeRoom } from '../../make-room.js'
import type { KeyRecord } from '../store.js'
import type { BackgroundWrites } from './background-writes.js'

/** A use of a key that is to be written. */
export interface Use {
  readonly usedMs: number
  /** The first that this process knows of. */
  readonly firstMs: number
  /** The key, where it has taken another's place and no use of it has been written. */
  readonly successor: KeyRecord | undefined
}

interface Entry extends Use {
  usedMs: number
  /** The latest that is written, or on its way. */
  writtenMs: number
  successor: KeyRecord | undefined
}

const minuteMs = 60_000
/** How often uses are looked through that came too soon after the last write. */
const sweepMs = 15_000
/** Keys beyond so many within a minute have their oldest entry forgotten: its time is then right to a minute. */
const mostKeys = 100_000

/**
 * When keys were last used: written at most once a minute a key, by whichever process comes first, and the latest use within
 * 75 seconds. Only verified keys come here, and the memory is bounded.
 */
export class LastUses {
  readonly #entries = new Map<string, Entry>()
  readonly #writes: BackgroundWrites
  readonly #write: (id: string, use: Use) => Awaitable<unknown>
  readonly #failed: (id: string, error: unknown) => void
  readonly #now: () => number
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    writes: BackgroundWrites,
    write: (id: string, use: Use) => Awaitable<unknown>,
    failed: (id: string, error: unknown) => void,
    now: () => number,
  ) {
    this.#writes = writes
    this.#write = write
    this.#failed = failed
    this.#now = now
  }

  /** Notes a use of a key as the store has it. Whether it is written now. */
  note(record: KeyRecord, nowMs: number): boolean {
    if (!Number.isFinite(nowMs)) return false
    const entry = this.#entries.get(record.id) ?? this.#enter(record, nowMs)
    entry.usedMs = Math.max(entry.usedMs, nowMs)
    if (Number.isFinite(record.lastUsedAtMs)) entry.writtenMs = Math.max(entry.writtenMs, record.lastUsedAtMs!)
    if (entry.usedMs - entry.writtenMs >= minuteMs) return this.#begin(record.id, entry)
    if (entry.usedMs > entry.writtenMs) this.#sweepLater()
    return false
  }

  /** When a key was last used, as far as its record and this process know. */
  latest({ id, lastUsedAtMs }: KeyRecord): number | null {
    const usedMs = this.#entries.get(id)?.usedMs
    return usedMs === undefined ? lastUsedAtMs : Math.max(usedMs, lastUsedAtMs ?? usedMs)
  }

  /** Writes every use that is not yet written. Never rejects. */
  async flush(): Promise<void> {
    await this.#writes.idle()
    for (const [id, entry] of this.#entries) {
      if (entry.usedMs <= entry.writtenMs || this.#begin(id, entry)) continue
      await this.#writes.idle()
      this.#begin(id, entry)
    }
    await this.#writes.idle()
  }

  #enter(record: KeyRecord, nowMs: number): Entry {
    const isFirst = record.lastUsedAtMs === null && record.rotatedFrom !== null
    const successor = isFirst ? record : undefined
    const entry: Entry = { usedMs: nowMs, writtenMs: Number.NEGATIVE_INFINITY, firstMs: nowMs, successor }
    this.#entries.set(record.id, entry)
    makeRoom(this.#entries, mostKeys)
    return entry
  }

  #begin(id: string, entry: Entry): boolean {
    const { usedMs, writtenMs } = entry
    const undo = () => {
      entry.writtenMs = writtenMs
    }
    const done = () => {
      entry.successor = undefined
    }
    const work = () => {
      const answer = this.#write(id, { ...entry })
      return isPromise(answer) ? answer.then(done) : done()
    }
    entry.writtenMs = usedMs
    const isBegun = this.#writes.begin(`use ${id}`, work, (error) => {
      undo()
      this.#failed(id, error)
    })
    if (!isBegun) undo()
    return isBegun
  }

  #sweepLater(): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#sweep(), sweepMs)
    // A number on hosts that have no such method.
    this.#timer.unref?.()
  }

  #sweep(): void {
    this.#timer = undefined
    const nowMs = this.#now()
    for (const [id, entry] of this.#entries) {
      const isDue = nowMs - entry.writtenMs >= minuteMs
      if (entry.usedMs > entry.writtenMs) {
        if (isDue) this.#begin(id, entry)
        this.#sweepLater()
      } else if (isDue) this.#entries.delete(id)
    }
  }
}
