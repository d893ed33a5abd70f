import type {
  Claim,
  ClaimRequest,
  FencedWrite,
  IdempotencyRecord,
  IdempotencyStore,
  RecordQuery,
  Resolution,
} from '../idempotency/store.js'
import { MemoryRecord } from './memory-record.js'
import { packBytes, unpackBytes } from './packed-bytes.js'
import { Room, type RoomLimits } from './room.js'

const firstClaim: Claim = Object.freeze({ outcome: 'claimed', attempt: 1 })
const mismatch: Claim = Object.freeze({ outcome: 'mismatch' })
const lapsed: Claim = Object.freeze({ outcome: 'lapsed' })

/** {@link IdempotencyStore} in a map of this process. One call is one turn of the event loop, and that makes it atomic. */
export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly #records = new Map<string, MemoryRecord>()
  readonly #room: Room
  readonly #now: () => number
  readonly #originMs: number

  constructor(limits: RoomLimits, now: () => number) {
    this.#room = new Room(limits, (record) => this.#remove(record))
    this.#now = now
    this.#originMs = Math.floor(now())
  }

  claim(request: ClaimRequest): Claim {
    const { id, fingerprint, token, leaseSeconds, ttlSeconds } = request
    const nowMs = this.#nowMs()
    const record = this.#find(id, nowMs)
    if (record === undefined) {
      const added = new MemoryRecord(id, fingerprint, token, nowMs, this.#room.admit(request.scope, nowMs))
      added.lease(nowMs, leaseSeconds, ttlSeconds)
      this.#records.set(id, added)
      this.#room.enter(added)
      return firstClaim
    }
    if (record.fingerprint !== fingerprint) return mismatch
    if (record.state === 'settled') return { outcome: 'settled', reply: unpackBytes(record.content) }
    if (record.state === 'tombstone') return { outcome: 'tombstone', note: unpackBytes(record.content) }
    if (record.token !== token) {
      if (record.isLeased(nowMs)) return { outcome: 'running', leaseRemainingMs: record.leaseUntilMs - nowMs }
      if (!request.takeOver) return lapsed
      record.token = token
      record.attempt++
    }
    record.lease(nowMs, leaseSeconds, ttlSeconds)
    record.share.moveToEnd(record)
    return { outcome: 'claimed', attempt: record.attempt }
  }

  renew(id: string, token: string, leaseSeconds: number, ttlSeconds: number): FencedWrite {
    const nowMs = this.#nowMs()
    const record = this.#find(id, nowMs)
    if (record === undefined || !record.isRunningUnder(token)) return 'stale'
    record.lease(nowMs, leaseSeconds, ttlSeconds)
    record.share.moveToEnd(record)
    return 'ok'
  }

  settle(id: string, token: string, reply: Uint8Array, ttlSeconds: number): FencedWrite {
    return this.#finish('settled', id, token, reply, ttlSeconds)
  }

  tombstone(id: string, token: string, note: Uint8Array, ttlSeconds: number): FencedWrite {
    return this.#finish('tombstone', id, token, note, ttlSeconds)
  }

  release(id: string, token: string): FencedWrite {
    const record = this.#find(id, this.#nowMs())
    if (record === undefined || !record.isRunningUnder(token)) return 'stale'
    this.#remove(record)
    return 'ok'
  }

  find(id: string): IdempotencyRecord | undefined {
    const nowMs = this.#nowMs()
    return this.#find(id, nowMs)?.showWhole(nowMs, this.#originMs)
  }

  list({ state, after, limit }: RecordQuery): readonly IdempotencyRecord[] {
    const nowMs = this.#nowMs()
    const found: IdempotencyRecord[] = []
    for (const record of this.#records.values()) {
      if (record.expiresAtMs <= nowMs || (after !== undefined && record.id <= after)) continue
      const shown = record.show(nowMs, this.#originMs)
      if (state === undefined || shown.state === state) found.push(shown)
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
  }

  resolve(id: string, resolution: Resolution, ttlSeconds: number): 'ok' | 'live' | 'settled' | 'absent' {
    const nowMs = this.#nowMs()
    const record = this.#find(id, nowMs)
    if (record === undefined) return 'absent'
    if (record.isLeased(nowMs)) return 'live'
    if (resolution.kind === 'release') {
      this.#remove(record)
      return 'ok'
    }
    if (record.state === 'settled') return 'settled'
    this.#store('settled', record, resolution.reply, nowMs, ttlSeconds)
    record.token = undefined
    return 'ok'
  }

  #finish(
    state: 'settled' | 'tombstone',
    id: string,
    token: string,
    content: Uint8Array,
    ttlSeconds: number,
  ): FencedWrite {
    const nowMs = this.#nowMs()
    const record = this.#find(id, nowMs)
    if (record === undefined || record.token !== token) return 'stale'
    if (record.state !== 'running') return record.state === state ? 'ok' : 'stale'
    this.#store(state, record, content, nowMs, ttlSeconds)
    return 'ok'
  }

  #store(
    state: 'settled' | 'tombstone',
    record: MemoryRecord,
    content: Uint8Array,
    nowMs: number,
    ttlSeconds: number,
  ): void {
    // A tombstone's note is short, and refusing it would let the work be done a second time.
    if (state === 'settled') this.#room.reserve(record.share, content.length, nowMs)
    record.state = state
    record.expiresAtMs = nowMs + Math.ceil(ttlSeconds * 1000)
    this.#room.replace(record, packBytes(content))
  }

  #find(id: string, nowMs: number): MemoryRecord | undefined {
    const record = this.#records.get(id)
    if (record === undefined || nowMs < record.expiresAtMs) return record
    this.#remove(record)
    return undefined
  }

  #remove(record: MemoryRecord): void {
    this.#records.delete(record.id)
    this.#room.leave(record)
  }

  #nowMs(): number {
    return Math.floor(this.#now()) - this.#originMs
  }
}
