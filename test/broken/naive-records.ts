import {
  type Claim,
  type ClaimRequest,
  type FencedWrite,
  type IdempotencyRecord,
  type IdempotencyStore,
  type RecordQuery,
  type Resolution,
  StoreError,
} from '@latchkey/core'
import type { Has } from './store-flaws.js'

interface Entry extends Omit<ClaimRequest, 'token' | 'takeOver' | 'leaseSeconds' | 'ttlSeconds'> {
  token: string | undefined
  state: 'running' | 'settled' | 'tombstone' | 'damaged'
  attempt: number
  createdAtMs: number
  leaseUntilMs: number
  expiresAtMs: number
  content?: Uint8Array
}

/** The plainest records that keep the contract, and at every turn of it the way to break it. */
export class NaiveRecords implements IdempotencyStore {
  readonly #entries = new Map<string, Entry>()
  readonly #now: () => number
  readonly #has: Has

  constructor(now: () => number, has: Has) {
    this.#now = now
    this.#has = has
  }

  damage(id: string): void {
    this.#entries.get(id)!.state = 'damaged'
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    const { fingerprint, token, leaseSeconds, ttlSeconds, takeOver } = request
    const id = this.#key(request.id)
    const nowMs = this.#now()
    const entry = this.#live(id)
    if (this.#has('reads, then writes')) await undefined
    if (entry === undefined) {
      this.#entries.set(id, {
        ...{ id, scope: request.scope, fingerprint, token, state: 'running', attempt: 1, createdAtMs: nowMs },
        ...this.#lease(leaseSeconds, ttlSeconds),
      })
      return { outcome: 'claimed', attempt: 1 }
    }
    const isChecked =
      !(entry.state === 'running' && this.#has('forgets the fingerprint while running')) &&
      !(entry.state !== 'running' && this.#has('forgets the fingerprint once finished'))
    if (isChecked && entry.fingerprint !== fingerprint) return { outcome: 'mismatch' }
    const content = entry.content!
    if (this.#has('prolongs with each look')) entry.expiresAtMs = nowMs + ttlSeconds * 1000
    if (entry.state === 'settled')
      return { outcome: 'settled', reply: this.#has('hands its own bytes out') ? content : content.slice() }
    if (entry.state === 'tombstone') return { outcome: 'tombstone', note: content.slice() }
    if (entry.state === 'damaged' && !this.#has('runs what it cannot read'))
      throw new StoreError('corrupt', 'An idempotency record cannot be read')
    const isOwn = entry.token === token && !this.#has('does not know its own claimant')
    const isLeased = nowMs < entry.leaseUntilMs + (this.#has('lets a lease hold a millisecond too long') ? 1 : 0)
    if (!isOwn && isLeased && !this.#has('ignores the lease')) {
      return {
        outcome: 'running',
        leaseRemainingMs: entry.leaseUntilMs - (this.#has('tells when, not how long') ? 0 : nowMs),
      }
    }
    if (!isOwn && this.#has('never gives a lapsed record away')) return { outcome: 'running', leaseRemainingMs: 1 }
    if (!isOwn && !takeOver && !this.#has('takes over without leave')) return { outcome: 'lapsed' }
    if (this.#has('takes over, reading first')) await undefined
    if (!isOwn && !this.#has('does not count attempts')) entry.attempt++
    if (!this.#has('keeps the old token at a take-over')) entry.token = token
    Object.assign(
      entry,
      this.#has('claims again without a fresh lease') && isOwn ? {} : this.#lease(leaseSeconds, ttlSeconds),
    )
    return { outcome: 'claimed', attempt: entry.attempt }
  }

  async renew(id: string, token: string, leaseSeconds: number, ttlSeconds: number): Promise<FencedWrite> {
    const entry = this.#owned(id, token, 'renew')
    if (entry === undefined) return 'stale'
    const { leaseUntilMs } = entry
    Object.assign(entry, this.#lease(leaseSeconds, ttlSeconds))
    if (this.#has('renews from the last end on')) entry.leaseUntilMs = leaseUntilMs + leaseSeconds * 1000
    if (this.#has('expires a running record by its first ttl'))
      entry.expiresAtMs = entry.createdAtMs + ttlSeconds * 1000
    return 'ok'
  }

  async settle(id: string, token: string, reply: Uint8Array, ttlSeconds: number): Promise<FencedWrite> {
    return this.#finish('settled', id, token, reply, ttlSeconds)
  }

  async tombstone(id: string, token: string, note: Uint8Array, ttlSeconds: number): Promise<FencedWrite> {
    return this.#finish('tombstone', id, token, note, ttlSeconds)
  }

  async release(id: string, token: string): Promise<FencedWrite> {
    const isFinished = this.#live(id)?.state !== 'running'
    const entry = this.#owned(id, token, 'release', this.#has('releases what is finished') && isFinished)
    if (entry === undefined) return 'stale'
    this.#entries.delete(entry.id)
    return 'ok'
  }

  async find(id: string): Promise<IdempotencyRecord | undefined> {
    const entry = this.#live(id)
    return entry && { ...this.#show(entry), ...(entry.content && { content: entry.content.slice() }) }
  }

  async list({ state, after, limit }: RecordQuery): Promise<readonly IdempotencyRecord[]> {
    const ids = [...this.#entries.keys()].filter(
      (id) => after === undefined || id > after || this.#has('lists from the start'),
    )
    const entries = (this.#has('lists in no order') ? ids : ids.sort()).flatMap((id) => this.#live(id) ?? [])
    const shown = entries
      .map((entry) => this.#show(entry))
      .filter((record) => state === undefined || record.state === state)
      .filter((record) => record.state !== 'unreadable' || !this.#has('hides what it cannot read'))
    return this.#has('lists contents')
      ? shown.map((record) => ({ ...record, content: new Uint8Array() }))
      : shown.slice(0, limit)
  }

  async resolve(id: string, resolution: Resolution, ttlSeconds: number): Promise<'ok' | 'live' | 'settled' | 'absent'> {
    const entry = this.#live(id)
    if (entry === undefined) return 'absent'
    const isLeased = entry.state === 'running' && this.#now() < entry.leaseUntilMs
    if (isLeased && !this.#has('resolves what is running')) return 'live'
    if (entry.state === 'damaged' && this.#has('keeps what it cannot read for ever')) return 'live'
    if (resolution.kind === 'release') this.#entries.delete(id)
    else if (entry.state === 'settled' && !this.#has('replaces a reply by hand')) return 'settled'
    else {
      this.#store('settled', entry, resolution.reply, ttlSeconds)
      if (!this.#has('leaves a resolved record to its owner')) entry.token = undefined
    }
    return 'ok'
  }

  #finish(
    state: 'settled' | 'tombstone',
    id: string,
    token: string,
    content: Uint8Array,
    ttlSeconds: number,
  ): FencedWrite {
    const live = this.#live(id)
    if (live?.token === token && live.state === state && !this.#has('replaces a settled reply', 'knows no repeat'))
      return 'ok'
    const isFinished = live !== undefined && live.state !== 'running' && this.#has('replaces a settled reply')
    const write = state === 'settled' ? 'settle' : 'tombstone'
    let entry = this.#owned(id, token, write, isFinished)
    if (entry === undefined && live === undefined && this.#has('stores what nobody has claimed')) {
      const blank = {
        id,
        scope: '',
        fingerprint: '',
        token,
        state,
        attempt: 1,
        createdAtMs: 0,
        leaseUntilMs: 0,
        expiresAtMs: 0,
      }
      this.#entries.set(id, blank)
      entry = blank
    }
    if (entry === undefined) return 'stale'
    if (this.#has('stores nothing after the lease') && this.#now() >= entry.leaseUntilMs) return 'stale'
    this.#store(state, entry, content, ttlSeconds)
    return 'ok'
  }

  #store(state: 'settled' | 'tombstone', entry: Entry, content: Uint8Array, ttlSeconds: number): void {
    entry.state = state
    entry.content = this.#kept(content)
    const from = this.#has('counts the ttl from the claim') ? entry.createdAtMs : this.#now()
    if (!this.#has('keeps the ttl of the claim')) entry.expiresAtMs = from + ttlSeconds * 1000
  }

  #kept(content: Uint8Array): Uint8Array {
    if (this.#has('keeps the bytes of the giver')) return content
    if (this.#has('keeps text')) return new TextEncoder().encode(new TextDecoder().decode(content))
    if (this.#has('stops at a NUL')) return content.slice(0, content.includes(0) ? content.indexOf(0) : undefined)
    if (this.#has('cuts long contents')) return content.slice(0, 65_536)
    return this.#has('keeps the whole buffer of a view') ? new Uint8Array(content.buffer.slice(0)) : content.slice()
  }

  #owned(
    id: string,
    token: string,
    write: 'renew' | 'settle' | 'release' | 'tombstone',
    isFinishedToo = false,
  ): Entry | undefined {
    const entry = this.#live(id)
    if (entry === undefined || (entry.state !== 'running' && !isFinishedToo)) return undefined
    return entry.token === token || this.#has(`${write}s under any token`) ? entry : undefined
  }

  #live(id: string): Entry | undefined {
    const entry = this.#entries.get(this.#key(id))
    if (entry === undefined || this.#has('keeps everything for ever')) return entry
    if (this.#has('keeps a record a millisecond too long')) return this.#now() <= entry.expiresAtMs ? entry : undefined
    return this.#now() < entry.expiresAtMs ? entry : undefined
  }

  #key(id: string): string {
    if (this.#has('compares without case')) return id.toLowerCase()
    return this.#has('trims') ? id.trim() : id
  }

  #lease(leaseSeconds: number, ttlSeconds: number) {
    const leaseUntilMs = this.#now() + leaseSeconds * 1000
    const fromMs = this.#has('expires a running record by its ttl alone') ? this.#now() : leaseUntilMs
    return { leaseUntilMs, expiresAtMs: fromMs + (this.#has('forgets a lapsed record') ? 0 : ttlSeconds * 1000) }
  }

  #show({ token, content, leaseUntilMs, ...entry }: Entry): IdempotencyRecord {
    if (entry.state === 'damaged') {
      if (this.#has('cannot show what it cannot read')) throw new StoreError('corrupt', 'It cannot be read')
      return { ...entry, state: 'unreadable' }
    }
    if (entry.state !== 'running') return { ...entry, state: entry.state }
    const isLapsed = this.#now() >= leaseUntilMs && !this.#has('shows lapsed records as running')
    return { ...entry, leaseUntilMs, state: isLapsed ? 'lapsed' : 'running' }
  }
}
