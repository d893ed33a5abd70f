import type {
  Claim,
  ClaimRequest,
  FencedWrite,
  IdempotencyRecord,
  IdempotencyStore,
  KeyStore,
  RateCount,
  RateLimit,
  RateStore,
  ReplayStore,
  Resolution,
  TokenRecord,
  TokenStore,
} from '@latchkey/core'
import type { OpenedStore } from './opened-store.js'

/** What a claimant holds in its hands: enough for every write of its own. */
export type Claimant = ClaimRequest

/** One opened store. All seconds that cases name go through here, and become the store's by the time scale. */
export class Trial {
  readonly opened: OpenedStore
  /** Whether time stands still between two calls. */
  readonly isClockInjected: boolean
  readonly #timeScale: number

  constructor(opened: OpenedStore, isClockInjected: boolean, timeScale: number) {
    this.opened = opened
    this.isClockInjected = isClockInjected
    this.#timeScale = timeScale
  }

  get idempotency(): IdempotencyStore {
    return present(this.opened.store.idempotency, 'idempotency')
  }

  get replay(): ReplayStore {
    return present(this.opened.store.replay, 'replay')
  }

  get keys(): KeyStore {
    return present(this.opened.store.keys, 'keys')
  }

  get rates(): RateStore {
    return present(this.opened.store.rates, 'rates')
  }

  get tokens(): TokenStore {
    return present(this.opened.store.tokens, 'tokens')
  }

  /** A suite's seconds as the store's. */
  scaled(seconds: number): number {
    return seconds * this.#timeScale
  }

  async advance(seconds: number): Promise<void> {
    await this.opened.advance(Math.round(this.scaled(seconds) * 1000))
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    const { leaseSeconds, ttlSeconds } = request
    const scaled = { leaseSeconds: this.scaled(leaseSeconds), ttlSeconds: this.scaled(ttlSeconds) }
    const claim = await this.idempotency.claim({ ...request, ...scaled })
    if (claim.outcome === 'settled') return { ...claim, reply: plain(claim.reply) }
    return claim.outcome === 'tombstone' ? { ...claim, note: plain(claim.note) } : claim
  }

  async find(id: string): Promise<IdempotencyRecord | undefined> {
    const record = await this.idempotency.find(id)
    return record?.content === undefined ? record : { ...record, content: plain(record.content) }
  }

  async renew({ id, token, leaseSeconds, ttlSeconds }: Claimant): Promise<FencedWrite> {
    return this.idempotency.renew(id, token, this.scaled(leaseSeconds), this.scaled(ttlSeconds))
  }

  async settle({ id, token, ttlSeconds }: Claimant, reply: Uint8Array): Promise<FencedWrite> {
    return this.idempotency.settle(id, token, reply, this.scaled(ttlSeconds))
  }

  async tombstone({ id, token, ttlSeconds }: Claimant, note: Uint8Array): Promise<FencedWrite> {
    return this.idempotency.tombstone(id, token, note, this.scaled(ttlSeconds))
  }

  async release({ id, token }: Claimant): Promise<FencedWrite> {
    return this.idempotency.release(id, token)
  }

  async resolve({ id, ttlSeconds }: Claimant, resolution: Resolution) {
    return this.idempotency.resolve(id, resolution, this.scaled(ttlSeconds))
  }

  async reserve(id: string, token: string, leaseSeconds = 10) {
    return this.replay.reserve(id, token, this.scaled(leaseSeconds))
  }

  async commit(id: string, token: string, ttlSeconds = 30) {
    return this.replay.commit(id, token, this.scaled(ttlSeconds))
  }

  /** When it expires. */
  async issue(record: TokenRecord, { ttlSeconds = 30, replaces = false } = {}): Promise<number> {
    return this.tokens.insert(record, this.scaled(ttlSeconds), replaces)
  }

  async consume({ id }: Pick<TokenRecord, 'id'>): Promise<TokenRecord | undefined> {
    return this.tokens.consume(id)
  }

  async revokeAll(subject: string, purpose?: string): Promise<number> {
    return this.tokens.revokeAll(subject, purpose)
  }

  /** By default in a window of ten seconds. */
  async count(
    meterId: string,
    { limit, windowSeconds = 10 }: Partial<RateLimit> & Pick<RateLimit, 'limit'>,
  ): Promise<RateCount> {
    return this.rates.count(meterId, { limit, windowSeconds: this.scaled(windowSeconds) })
  }

  async giveUp(id: string, token: string) {
    return this.replay.release(id, token)
  }
}

/** As a `Uint8Array` proper: a `Buffer` with the same bytes is as good, but does not compare as equal. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function present<Part>(part: Part | undefined, name: string): Part {
  if (part === undefined) throw new TypeError(`The store has no facet "${name}": leave it out of "facets"`)
  return part
}
