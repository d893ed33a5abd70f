/** What the tests of the guard share: a store that can be told to fail, and a host that plays the adapter's part. */
import {
  type Awaitable,
  BodyError,
  type BodyFault,
  type GuardRequest,
  type Reply,
  type ReplyHeaders,
} from '../guard.js'
import { withHeaders } from '../sequence.js'
import type { IdempotencyEvent } from './events.js'
import type { IdempotencyGrant } from './grant.js'
import { type IdempotencyGuard, idempotency } from './guard.js'
import type { IdempotencyOptions } from './options.js'
import type { Claim, ClaimRequest, FencedWrite, IdempotencyRecord, IdempotencyStore } from './store.js'

/** `fail`: not carried out; `lose`: carried out, then an error; `lateMs`: carried out, and answered, so much later. */
export type Fault = 'fail' | 'hang' | 'lose' | { readonly lateMs: number } | { readonly throws: unknown }

export type StoreMethod = 'claim' | 'renew' | 'settle' | 'tombstone' | 'release' | 'find'

export interface Row {
  state: 'running' | 'settled' | 'tombstone'
  readonly fingerprint: string
  token: string
  attempt: number
  leaseUntilMs: number
  content: Uint8Array
}

/** The contract in a map, by the clock of `Date.now`; whether it answers at once or later can be chosen. */
export class RigStore implements IdempotencyStore {
  readonly rows = new Map<string, Row>()
  /** Every call that was made, in order. */
  readonly calls: StoreMethod[] = []
  /** Faults of the calls to come, by method; the last one stays. */
  readonly faults: Partial<Record<StoreMethod, Fault[]>> = {}
  isSync = false
  /** Resolves when a transaction that has a row locked ends; fenced writes wait for it, as in Postgres. */
  locked: Promise<void> | undefined

  #call<T>(method: StoreMethod, work: () => T): Awaitable<T> {
    this.calls.push(method)
    const queue = this.faults[method]
    const fault = queue !== undefined && queue.length > 1 ? queue.shift() : queue?.[0]
    if (fault === undefined && method !== 'find' && this.locked !== undefined) return this.locked.then(work)
    if (fault === undefined) return this.isSync ? work() : Promise.resolve(work())
    if (fault === 'hang') return new Promise<T>(() => undefined)
    if (typeof fault === 'object' && 'lateMs' in fault) {
      return new Promise((resolve) => setTimeout(() => resolve(work()), fault.lateMs))
    }
    if (fault === 'lose') work()
    const error = typeof fault === 'object' ? fault.throws : new Error('connection refused at 10.0.0.7')
    if (this.isSync) throw error
    return Promise.reject(error)
  }

  claim(request: ClaimRequest): Awaitable<Claim> {
    return this.#call('claim', (): Claim => {
      const { id, fingerprint, token, leaseSeconds } = request
      const leaseUntilMs = Date.now() + leaseSeconds * 1000
      const row = this.rows.get(id)
      if (row === undefined) {
        const content = new Uint8Array(0)
        this.rows.set(id, { state: 'running', fingerprint, token, attempt: 1, leaseUntilMs, content })
        return { outcome: 'claimed', attempt: 1 }
      }
      if (row.fingerprint !== fingerprint) return { outcome: 'mismatch' }
      if (row.state === 'settled') return { outcome: 'settled', reply: row.content }
      if (row.state === 'tombstone') return { outcome: 'tombstone', note: row.content }
      if (row.token !== token) {
        const leaseRemainingMs = row.leaseUntilMs - Date.now()
        if (leaseRemainingMs > 0) return { outcome: 'running', leaseRemainingMs }
        if (!request.takeOver) return { outcome: 'lapsed' }
        row.token = token
        row.attempt++
      }
      row.leaseUntilMs = leaseUntilMs
      return { outcome: 'claimed', attempt: row.attempt }
    })
  }

  renew(id: string, token: string, leaseSeconds: number): Awaitable<FencedWrite> {
    return this.#fenced('renew', id, token, (row) => {
      row.leaseUntilMs = Date.now() + leaseSeconds * 1000
    })
  }

  settle(id: string, token: string, reply: Uint8Array): Awaitable<FencedWrite> {
    return this.#fenced('settle', id, token, (row) => finish(row, 'settled', reply))
  }

  tombstone(id: string, token: string, note: Uint8Array): Awaitable<FencedWrite> {
    return this.#fenced('tombstone', id, token, (row) => finish(row, 'tombstone', note))
  }

  release(id: string, token: string): Awaitable<FencedWrite> {
    return this.#fenced('release', id, token, () => this.rows.delete(id))
  }

  #fenced(method: StoreMethod, id: string, token: string, change: (row: Row) => void) {
    return this.#call(method, (): FencedWrite => {
      const row = this.rows.get(id)
      const isRepeat = row?.state === `${method}${method === 'settle' ? 'd' : ''}`
      if (row?.token !== token || (row.state !== 'running' && !isRepeat)) return 'stale'
      change(row)
      return 'ok'
    })
  }

  find(id: string): Awaitable<IdempotencyRecord | undefined> {
    return this.#call('find', () => {
      const row = this.rows.get(id)
      if (row === undefined) return undefined
      const { state, attempt, fingerprint, leaseUntilMs, content } = row
      const record = { id, scope: 'scope', attempt, fingerprint, createdAtMs: 0, expiresAtMs: Number.MAX_SAFE_INTEGER }
      return state === 'running' ? { ...record, state, leaseUntilMs } : { ...record, state, content }
    })
  }

  list(): readonly IdempotencyRecord[] {
    return []
  }

  resolve(): 'absent' {
    return 'absent'
  }

  /** Another process takes the only record over. */
  takeAway(): void {
    for (const row of this.rows.values()) row.token = 'somebody else'
  }
}

/** A repeat changes nothing. */
function finish(row: Row, state: 'settled' | 'tombstone', content: Uint8Array): void {
  if (row.state === 'running') Object.assign(row, { state, content })
}

export interface Sent {
  readonly method?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  /** How often the key's field comes; its values are joined as a host joins them. */
  readonly count?: number
  readonly body?: string | BodyFault
  /** What the guard before found. */
  readonly caller?: string | null | undefined
}

const faults: ReadonlySet<unknown> = new Set<BodyFault>(['too-large', 'timeout', 'busy', 'aborted'])

export function requestOf(sent: Sent): GuardRequest & { readonly bodyReads: number } {
  const headers = new Map(Object.entries({ 'content-type': 'application/json', ...sent.headers }))
  const body = sent.body ?? '{"amount":1}'
  return {
    method: sent.method ?? 'POST',
    url: sent.url ?? 'http://api.test/pay',
    headers: { get: (name) => headers.get(name) ?? null, count: (name) => (headers.has(name) ? (sent.count ?? 1) : 0) },
    remoteAddress: undefined,
    bodyReads: 0,
    async body() {
      ;(this as { bodyReads: number }).bodyReads++
      if (faults.has(body)) throw new BodyError(body as BodyFault)
      return new TextEncoder().encode(body)
    },
  }
}

export type Handler = (grant: IdempotencyGrant) => Awaitable<Reply | undefined>

/** A guard over a {@link RigStore}, and everything that it told its observer. */
export class Rig {
  readonly store = new RigStore()
  readonly events: IdempotencyEvent[] = []
  readonly guard: IdempotencyGuard
  runs = 0

  constructor(options: Partial<IdempotencyOptions> = {}) {
    const store = { idempotency: this.store }
    this.guard = idempotency({ store, scope: 'everyone', observe: (event) => this.events.push(event), ...options })
  }

  /** One request from its arrival to the reply that the client gets. Key `k` unless told. */
  async send(sent: Sent = {}, handler: Handler = () => replyOf(201)): Promise<Reply> {
    const request = requestOf({ ...sent, headers: { 'idempotency-key': 'k', ...sent.headers } })
    const prior = { caller: sent.caller, get: () => undefined }
    const verdict = await this.guard(request, prior)
    if (verdict.kind === 'reply') return verdict.reply
    this.runs++
    const made = await handler(verdict.grant)
    if (made === undefined) return (await verdict.capture?.abandon('none')) ?? replyOf(500)
    const stripped = made.headers.filter(([name]) => verdict.strip?.includes(name) !== true)
    const written: Reply = { ...made, headers: withHeaders(stripped, verdict.headers ?? []) }
    if (verdict.capture?.holds(written) === false) return (await verdict.capture.abandon('live', written)) ?? written
    if (written.body.length > (verdict.capture?.maxBytes ?? Number.POSITIVE_INFINITY)) {
      return (await verdict.capture?.abandon('too-large', written)) ?? written
    }
    return (await verdict.capture?.settle(written)) ?? written
  }

  /** The types of the events, in short. */
  get told(): string[] {
    return this.events.map((event) => event.type.replace('idempotency.', ''))
  }
}

export function replyOf(status: number, headers: ReplyHeaders = [], body = '{"ok":true}'): Reply {
  return { status, headers, body: new TextEncoder().encode(body) }
}

/** What a client makes of a reply. */
export function read(reply: Reply): { status: number; code?: string; headers: Record<string, string>; body: string } {
  const body = new TextDecoder().decode(reply.body)
  const headers = Object.fromEntries(reply.headers)
  const isProblem = headers['content-type'] === 'application/problem+json'
  return { status: reply.status, headers, body, ...(isProblem && { code: JSON.parse(body).code as string }) }
}
