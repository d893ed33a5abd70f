import { StoreError } from '../errors.js'
import type { TokenRecord, TokenStore } from '../secrets/store.js'
import { Round } from './round.js'

interface Token {
  readonly record: TokenRecord
  readonly expiresAtMs: number
}

/** Tokens that are looked at with each new one, and when there is no room. */
const usualSteps = 2
const mostSteps = 256

/** {@link TokenStore} in maps of this process. One call is one turn of the event loop, and that makes it atomic. */
export class MemoryTokenStore implements TokenStore {
  readonly #tokens = new Map<string, Token>()
  /** The tokens of each subject that has any. */
  readonly #subjects = new Map<string, Set<Token>>()
  readonly #round = new Round(() => this.#tokens.values())
  readonly #maxTokens: number
  readonly #now: () => number

  constructor(maxTokens: number, now: () => number) {
    this.#maxTokens = maxTokens
    this.#now = now
  }

  insert({ id, subject, purpose, data }: TokenRecord, ttlSeconds: number, replaces: boolean): number {
    const nowMs = this.#nowMs()
    const same = this.#tokens.get(id)
    if (same !== undefined) this.#forget(same)
    if (replaces) for (const earlier of this.#of(subject, purpose)) this.#forget(earlier)
    // Where one has just ended there is room: a store that is full refuses before anything has.
    this.#makeRoom(nowMs)
    const token = {
      record: Object.freeze({ id, subject, purpose, data }),
      expiresAtMs: nowMs + Math.ceil(ttlSeconds * 1000),
    }
    this.#tokens.set(id, token)
    const others = this.#subjects.get(subject)
    if (others === undefined) this.#subjects.set(subject, new Set([token]))
    else others.add(token)
    return token.expiresAtMs
  }

  consume(id: string): TokenRecord | undefined {
    const token = this.#tokens.get(id)
    return token !== undefined && this.#end(token, this.#nowMs()) ? token.record : undefined
  }

  revokeAll(subject: string, purpose?: string): number {
    const nowMs = this.#nowMs()
    return this.#of(subject, purpose).filter((token) => this.#end(token, nowMs)).length
  }

  #of(subject: string, purpose: string | undefined): Token[] {
    const tokens = [...(this.#subjects.get(subject) ?? [])]
    return purpose === undefined ? tokens : tokens.filter(({ record }) => record.purpose === purpose)
  }

  /** Whether it was still good. */
  #end(token: Token, nowMs: number): boolean {
    this.#forget(token)
    return nowMs < token.expiresAtMs
  }

  #forget(token: Token): void {
    const { id, subject } = token.record
    this.#tokens.delete(id)
    const others = this.#subjects.get(subject)
    others?.delete(token)
    if (others?.size === 0) this.#subjects.delete(subject)
  }

  #makeRoom(nowMs: number): void {
    const isFull = () => this.#tokens.size >= this.#maxTokens
    for (let step = 0; step < usualSteps || (isFull() && step < mostSteps); step++) {
      const token = this.#round.next()
      if (token === undefined) break
      if (token.expiresAtMs <= nowMs) this.#forget(token)
    }
    if (isFull()) throw new StoreError('full', 'The memory store has no room for another one-time token')
  }

  #nowMs(): number {
    return Math.floor(this.#now())
  }
}
