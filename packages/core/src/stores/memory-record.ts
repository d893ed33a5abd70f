import type { IdempotencyRecord } from '../idempotency/store.js'
import { unpackBytes } from './packed-bytes.js'
import type { Linked, Share } from './share.js'

/** One idempotency record in memory. Times are whole milliseconds since the store began, which V8 keeps without boxes. */
export class MemoryRecord implements Linked<MemoryRecord> {
  state: 'running' | 'settled' | 'tombstone' = 'running'
  attempt = 1
  /** The claimant's; `undefined` once an operator has resolved the record, so that it is nobody's. */
  token: string | undefined
  /** The reply or the note, packed; empty while running. */
  content = ''
  leaseUntilMs = 0
  expiresAtMs = 0
  /** The neighbours in its scope's share. */
  older: MemoryRecord | undefined = undefined
  newer: MemoryRecord | undefined = undefined
  readonly id: string
  readonly fingerprint: string
  readonly createdAtMs: number
  readonly share: Share<MemoryRecord>

  constructor(id: string, fingerprint: string, token: string, createdAtMs: number, share: Share<MemoryRecord>) {
    this.id = id
    this.fingerprint = fingerprint
    this.token = token
    this.createdAtMs = createdAtMs
    this.share = share
  }

  isRunningUnder(token: string): boolean {
    return this.state === 'running' && this.token === token
  }

  isLeased(nowMs: number): boolean {
    return this.state === 'running' && nowMs < this.leaseUntilMs
  }

  lease(nowMs: number, leaseSeconds: number, ttlSeconds: number): void {
    this.leaseUntilMs = nowMs + Math.ceil(leaseSeconds * 1000)
    this.expiresAtMs = this.leaseUntilMs + Math.ceil(ttlSeconds * 1000)
  }

  /** As operators see it; `originMs` is when the store began. */
  show(nowMs: number, originMs: number): Omit<IdempotencyRecord, 'content'> {
    const { id, share, attempt, fingerprint, createdAtMs, expiresAtMs, leaseUntilMs } = this
    return {
      id,
      scope: share.scope,
      state: this.state === 'running' && !this.isLeased(nowMs) ? 'lapsed' : this.state,
      attempt,
      fingerprint,
      createdAtMs: originMs + createdAtMs,
      ...(this.state === 'running' ? { leaseUntilMs: originMs + leaseUntilMs } : {}),
      expiresAtMs: originMs + expiresAtMs,
    }
  }

  showWhole(nowMs: number, originMs: number): IdempotencyRecord {
    const record = this.show(nowMs, originMs)
    return this.state === 'running' ? record : { ...record, content: unpackBytes(this.content) }
  }
}
