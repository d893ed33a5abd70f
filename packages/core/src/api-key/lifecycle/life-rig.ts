import { MemoryKeyStore } from '../../stores/memory-keys.js'
import { MemoryRateStore } from '../../stores/memory-rates.js'
import { type ApiKeys, apiKeys } from '../api-keys.js'
import type { ApiKeysOptions } from '../api-keys-options.js'
import type { ApiKeyLifecycleEvent } from '../events.js'
import type { RateStore } from '../rate-store.js'
import type { KeyStore } from '../store.js'
import type { ImportedApiKey } from './imported-key.js'
import type { NewApiKey } from './new-api-key.js'

/** Where the rig's clock begins. */
export const start = Date.UTC(2026, 0, 1)

type Method = keyof KeyStore | keyof RateStore

/** Keys in a store that notes its calls, fails on demand and can hold a call back, under a clock that is moved by hand. */
export class LifeRig {
  readonly events: ApiKeyLifecycleEvent[] = []
  readonly calls: string[] = []
  readonly memory = new MemoryKeyStore()
  readonly rates = new MemoryRateStore(() => this.nowMs)
  readonly keys: ApiKeys
  nowMs = start
  readonly #options: Partial<ApiKeysOptions>
  readonly #failing = new Set<Method>()
  readonly #gates = new Map<Method, Promise<void>>()

  constructor(options: Partial<ApiKeysOptions> = {}) {
    this.#options = options
    this.keys = this.process()
  }

  /** Another process on the same store, perhaps with other settings. */
  process(options: Partial<ApiKeysOptions> = {}): ApiKeys {
    return apiKeys({
      store: { keys: this.#watched(this.memory), rates: this.#watched(this.rates) },
      prefix: 'acme',
      now: () => this.nowMs,
      observe: (event) => this.events.push(event),
      ...this.#options,
      ...options,
    })
  }

  issue(input: Partial<NewApiKey> = {}) {
    return this.keys.issue({ ownerId: 'org_1', ...input })
  }

  /** The id of a key of which this row is imported. */
  async import(row: ImportedApiKey): Promise<string> {
    for await (const result of this.keys.import([row])) {
      if (result.outcome === 'ok') return result.id
      throw new Error(JSON.stringify(result))
    }
    throw new Error('an import without a result')
  }

  advance(seconds: number): void {
    this.nowMs += seconds * 1000
  }

  /** Makes a method fail until it is called again with `false`. */
  fail(method: Method, isFailing = true): void {
    if (isFailing) this.#failing.add(method)
    else this.#failing.delete(method)
  }

  /** Holds the calls of a method back until the function that it answers with is called. */
  hold(method: Method): () => void {
    let open = () => {}
    this.#gates.set(method, new Promise((resolve) => (open = resolve)))
    return () => {
      this.#gates.delete(method)
      open()
    }
  }

  count(method: Method): number {
    return this.calls.filter((call) => call === method).length
  }

  types(): string[] {
    return this.events.map(({ type }) => type)
  }

  async reason(key: string, keys = this.keys): Promise<string> {
    const verification = await keys.verify(key)
    return verification.isValid ? 'valid' : verification.reason
  }

  #watched<Part extends object>(part: Part): Part {
    return new Proxy(part, {
      get: (target, method: string) => {
        const work = (target as Partial<Record<string, (...parameters: unknown[]) => unknown>>)[method]?.bind(target)
        return work && ((...parameters: unknown[]) => this.#call(method as Method, () => work(...parameters)))
      },
    })
  }

  #call(method: Method, work: () => unknown): unknown {
    this.calls.push(method)
    if (this.#failing.has(method)) throw new Error(`${method} is down`)
    const gate = this.#gates.get(method)
    return gate === undefined ? work() : gate.then(work)
  }
}
