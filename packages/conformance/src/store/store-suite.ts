import type { Awaitable } from '@latchkey/core'
import { describe, it } from 'vitest'
import type { Facet, OpenedStore } from './opened-store.js'
import { runStoreCase, storeCases } from './store-cases.js'

export interface StoreSuiteOptions {
  /** Opens an empty store; called once a case. */
  readonly open: () => Awaitable<OpenedStore>
  /**
   * The facets that the store has.
   *
   * @defaultValue all of them
   */
  readonly facets?: readonly Facet[]
  /**
   * `injected`: time stands still unless `advance` moves it. `running`: the clock is a server's own, `advance` waits, and cases
   * that look at a very millisecond are left out. Several cases then wait at the same time, each on a store of its own.
   *
   * @defaultValue `'injected'`
   */
  readonly clock?: 'injected' | 'running'
  /**
   * How many seconds of the store one second of the suite is. Leases in the suite take ten of them, and `advance` waits for up
   * to sixty: for a running clock 0.1 makes that one second and six. No smaller than that, lest a busy machine take a lease
   * that holds for one that has lapsed.
   *
   * @defaultValue `1`
   */
  readonly timeScale?: number
  /** Cases that do not hold here, by name, each with the reason. */
  readonly skip?: Readonly<Record<string, string>>
}

/**
 * Declares the whole store suite for vitest.
 *
 * @example
 * ```ts
 * import { storeSuite } from '@latchkey/conformance'
 * import { memoryStore } from '@latchkey/core'
 *
 * storeSuite('my store', {
 *   open: () => {
 *     let nowMs = Date.now()
 *     const advance = (milliseconds: number) => {
 *       nowMs += milliseconds
 *     }
 *     return { store: memoryStore({ now: () => nowMs }), advance }
 *   },
 * })
 * ```
 */
export function storeSuite(name: string, options: StoreSuiteOptions): void {
  const {
    open,
    facets = ['idempotency', 'replay', 'keys', 'rates', 'tokens'],
    clock = 'injected',
    timeScale = 1,
    skip = {},
  } = options
  const declare = clock === 'running' ? it.concurrent : it
  const timeoutMs = clock === 'running' ? 120_000 : 15_000
  describe(name, () => {
    for (const each of storeCases) {
      if (!facets.includes(each.facet)) continue
      const reason =
        skip[each.name] ?? (clock === 'running' && each.needsInjectedClock ? 'its clock cannot be stopped' : undefined)
      if (reason === undefined)
        declare(each.name, async () => runStoreCase(each, await open(), { timeScale, clock }), timeoutMs)
      else declare.skip(`${each.name} (${reason})`)
    }
  })
}
