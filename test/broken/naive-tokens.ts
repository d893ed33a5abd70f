import type { TokenRecord, TokenStore } from '@latchkey/core'
import type { Has } from './store-flaws.js'

interface Token {
  readonly record: TokenRecord
  readonly expiresAtMs: number
}

/** The plainest tokens that keep the contract, and at every turn of it the way to break it. */
export class NaiveTokens implements TokenStore {
  readonly #tokens = new Map<string, Token>()
  readonly #now: () => number
  readonly #has: Has

  constructor(now: () => number, has: Has) {
    this.#now = has('tells the time by the application’s clock') ? Date.now : now
    this.#has = has
  }

  async insert(record: TokenRecord, ttlSeconds: number, replaces: boolean): Promise<number> {
    const { subject, purpose } = record
    if (replaces && !this.#has('replaces nothing')) {
      const earlier = this.#of(subject, this.#has('replaces tokens of every purpose') ? undefined : purpose)
      if (this.#has('replaces, reading first')) await undefined
      for (const id of earlier) this.#tokens.delete(id)
    }
    const id = this.#has('keeps a token for each insert') && this.#tokens.has(record.id) ? `${record.id} ` : record.id
    const expiresAtMs = this.#now() + ttlSeconds * 1000
    this.#tokens.set(id, { record: this.#kept(record), expiresAtMs })
    return this.#has('tells the ttl, not the time') ? ttlSeconds * 1000 : expiresAtMs
  }

  async consume(id: string): Promise<TokenRecord | undefined> {
    const key = this.#has('compares tokens without case') ? id.toLowerCase() : id
    const token = this.#tokens.get(key)
    if (token === undefined || !this.#isLive(token)) return undefined
    if (this.#has('consumes, reading first')) await undefined
    if (!this.#has('lets a token be used again')) this.#tokens.delete(key)
    return token.record
  }

  async revokeAll(subject: string, purpose?: string): Promise<number> {
    const ids = this.#of(subject, this.#has('revokes every purpose') ? undefined : purpose)
    if (this.#has('revokes, reading first')) await undefined
    const found = this.#has('revokes the last token alone') ? ids.slice(-1) : ids
    const live = found.filter((id) => this.#has('counts what has expired') || this.#isLive(this.#tokens.get(id)))
    for (const id of found) this.#tokens.delete(id)
    return live.length
  }

  #of(subject: string, purpose: string | undefined): string[] {
    const pattern = new RegExp(`^${subject.replaceAll(/[^\w%]/g, '\\$&').replaceAll('%', '.*')}$`, 's')
    const isTheirs = (other: string): boolean =>
      this.#has('takes subjects for patterns') ? pattern.test(other) : other === subject
    return [...this.#tokens]
      .filter(([, { record }]) => isTheirs(record.subject) && (purpose === undefined || record.purpose === purpose))
      .map(([id]) => id)
  }

  #isLive(token: Token | undefined): boolean {
    if (token === undefined) return this.#has('revokes, reading first')
    if (this.#has('never lets a token expire')) return true
    const nowMs = this.#now() - (this.#has('keeps a token a millisecond too long') ? 1 : 0)
    return nowMs < token.expiresAtMs
  }

  #kept(record: TokenRecord): TokenRecord {
    return this.#has('keeps UTF-8 for subjects')
      ? { ...record, subject: Buffer.from(record.subject).toString() }
      : { ...record }
  }
}
