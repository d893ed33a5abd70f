import { isFunction, OptionReader } from '../option-reader.js'
import { steadyClock } from './memory-clock.js'
import { MemoryIdempotencyStore } from './memory-idempotency.js'
import { MemoryKeyStore } from './memory-keys.js'
import { MemoryRateStore } from './memory-rates.js'
import { MemoryReplayStore } from './memory-replay.js'
import { MemoryTokenStore } from './memory-tokens.js'
import type { Store } from './store.js'

/** How much a {@link memoryStore} holds, and by which clock. API keys are not bounded: no request adds one. */
export interface MemoryStoreOptions {
  /**
   * Most idempotency records. Beyond, a new key is refused with 503; what is stored keeps its time.
   *
   * @defaultValue `1000000`
   */
  readonly maxRecords?: number
  /**
   * Most bytes that idempotency records may take, as far as this can be counted: their replies, and what V8 needs besides. New
   * keys are refused from seven eighths on, so that requests that are running find room for their replies.
   *
   * @defaultValue `536870912`, 512 MiB
   */
  readonly maxBytes?: number
  /**
   * Most idempotency records of one scope, that is of one caller. Beyond, this scope's new keys are refused with 503, and no
   * other scope is touched. Without it a scope may have half as many records as are left free: one scope alone a third of
   * `maxRecords`, and however many scopes flood the store, each leaves room for the next. Bytes are shared like that always.
   */
  readonly maxRecordsPerScope?: number
  /**
   * Most messages in the replay window. Beyond, a new message is refused with 503.
   *
   * @defaultValue `1000000`
   */
  readonly maxMessages?: number
  /**
   * Most one-time tokens. Beyond, issuing another fails with a `StoreError` `full`.
   *
   * @defaultValue `100000`
   */
  readonly maxTokens?: number
  /**
   * The store's clock, in epoch milliseconds: for tests.
   *
   * @defaultValue a clock that runs evenly even where the wall clock is set
   */
  readonly now?: () => number
}

/** V8 gives a map no more entries. */
const mostRecords = 16_777_216

/**
 * Every store contract in the memory of this process: for tests, development, and services of one process that can lose it all.
 * Bounded, and nothing is forgotten before its time.
 *
 * @remarks Insecure if several processes serve the same clients: each has records of its own, and a retry that meets another
 * process runs again.
 *
 * @example
 * ```ts
 * import { idempotency, memoryStore } from '@latchkey/core'
 *
 * const guard = idempotency({ store: memoryStore({ maxRecords: 100_000 }), scope: 'everyone' })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const read = new OptionReader<MemoryStoreOptions>('memoryStore', options, [
    'maxRecords',
    'maxBytes',
    'maxRecordsPerScope',
    'maxMessages',
    'maxTokens',
    'now',
  ])
  const now = read.optional('now', 'a function', isFunction<() => number>) ?? steadyClock()
  const maxRecords = read.integer('maxRecords', 1_000_000, 1, mostRecords)
  const maxBytes = read.integer('maxBytes', 536_870_912, 1, Number.MAX_SAFE_INTEGER)
  const maxMessages = read.integer('maxMessages', 1_000_000, 1, mostRecords)
  const maxTokens = read.integer('maxTokens', 100_000, 1, mostRecords)
  const maxRecordsPerScope =
    options.maxRecordsPerScope === undefined ? undefined : read.integer('maxRecordsPerScope', 0, 1, mostRecords)
  const keys = new MemoryKeyStore()
  return {
    keys,
    rates: new MemoryRateStore(now),
    idempotency: new MemoryIdempotencyStore({ maxRecords, maxBytes, maxRecordsPerScope }, now),
    replay: new MemoryReplayStore(maxMessages, now),
    tokens: new MemoryTokenStore(maxTokens, now),
    close: async () => keys.close(),
  }
}
