import { KeyHostError } from './key-host-error.js'

/** How keys that are fetched one by one are kept. */
export interface KeyCacheRules<Key> {
  /** Fetches what an id names; `undefined`: there is no such key. Rejects where the host cannot say. */
  readonly load: (id: string) => Promise<Key | undefined>
  readonly now: () => number
  readonly maxAgeSeconds: number
  /** Seconds for which an id that names no key is not asked for again. */
  readonly negativeSeconds: number
  /** Seconds for which a host that failed over an id is not asked for it again. */
  readonly retryAfterSeconds: number
  /** Most fetches under way, and most that begin within a minute. */
  readonly maxConcurrentFetches: number
  readonly maxFetchesPerMinute: number
  /** Most keys kept, and most ids that name none. */
  readonly maxKeys: number
  readonly maxMisses: number
  /** Told of each fetch that failed, once. */
  readonly failed: (error: KeyHostError) => void
}

interface Kept<Value> {
  readonly value: Value
  readonly untilMs: number
}

/**
 * Keys by their ids, fetched when first asked for: one fetch an id however many wait for it, and no more than the rules allow
 * over all ids. What names no key, and what a host failed over, is remembered apart from the keys: a stranger who makes up ids
 * pushes no key out.
 */
export class KeyCache<Key> {
  readonly #rules: KeyCacheRules<Key>
  readonly #keys = new Map<string, Kept<Key>>()
  readonly #misses = new Map<string, Kept<KeyHostError | undefined>>()
  readonly #underWay = new Map<string, Promise<Key | undefined>>()
  #minuteEndsMs = 0
  #fetchesInMinute = 0

  constructor(rules: KeyCacheRules<Key>) {
    this.#rules = rules
  }

  /** @throws KeyHostError by rejection where the host cannot be asked, or was not able to answer. */
  async find(id: string): Promise<Key | undefined> {
    const nowMs = this.#rules.now()
    const key = fresh(this.#keys, id, nowMs)
    if (key !== undefined) return key.value
    const miss = fresh(this.#misses, id, nowMs)
    if (miss?.value instanceof KeyHostError) throw miss.value
    if (miss !== undefined) return undefined
    return this.#underWay.get(id) ?? this.#fetch(id, nowMs)
  }

  #fetch(id: string, nowMs: number): Promise<Key | undefined> {
    this.#admit(nowMs)
    const fetching = this.#load(id).finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, fetching)
    return fetching
  }

  async #load(id: string): Promise<Key | undefined> {
    const { load, now, maxAgeSeconds, negativeSeconds, retryAfterSeconds, maxKeys, maxMisses, failed } = this.#rules
    try {
      const key = await load(id)
      if (key === undefined)
        keep(this.#misses, id, { value: undefined, untilMs: now() + negativeSeconds * 1000 }, maxMisses)
      else keep(this.#keys, id, { value: key, untilMs: now() + maxAgeSeconds * 1000 }, maxKeys)
      return key
    } catch (error) {
      const fault = error instanceof KeyHostError ? error : new KeyHostError('malformed', 'No key', { cause: error })
      keep(this.#misses, id, { value: fault, untilMs: now() + retryAfterSeconds * 1000 }, maxMisses)
      failed(fault)
      throw fault
    }
  }

  /** Who makes up ids makes us ask for them: that is bounded, and what is known already is found without asking. */
  #admit(nowMs: number): void {
    const { maxConcurrentFetches, maxFetchesPerMinute } = this.#rules
    // A clock that was set back must not shut the cache for longer than a minute.
    if (nowMs >= this.#minuteEndsMs || nowMs < this.#minuteEndsMs - 60_000) {
      this.#minuteEndsMs = nowMs + 60_000
      this.#fetchesInMinute = 0
    }
    if (this.#underWay.size >= maxConcurrentFetches || this.#fetchesInMinute >= maxFetchesPerMinute) {
      throw new KeyHostError('busy', 'More keys are asked for than may be fetched')
    }
    this.#fetchesInMinute += 1
  }
}

/** What is kept and not too old; it counts as used now, so that it is dropped last. */
function fresh<Value>(kept: Map<string, Kept<Value>>, id: string, nowMs: number): Kept<Value> | undefined {
  const found = kept.get(id)
  if (found === undefined) return undefined
  kept.delete(id)
  if (nowMs >= found.untilMs) return undefined
  kept.set(id, found)
  return found
}

function keep<Value>(kept: Map<string, Kept<Value>>, id: string, value: Kept<Value>, most: number): void {
  kept.delete(id)
  kept.set(id, value)
  const [oldest] = kept.keys()
  if (kept.size > most && oldest !== undefined) kept.delete(oldest)
}
