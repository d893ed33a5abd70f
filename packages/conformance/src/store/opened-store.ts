import type {
  Awaitable,
  HasIdempotencyStore,
  HasKeyStore,
  HasRateStore,
  HasReplayStore,
  HasTokenStore,
} from '@latchkey/core'

/** The parts of a store, each with a contract of its own. */
export type Facet = 'idempotency' | 'replay' | 'keys' | 'rates' | 'tokens'

/** The whole store, or the facets under test. */
export type StoreUnderTest = Partial<
  HasIdempotencyStore & HasKeyStore & HasRateStore & HasReplayStore & HasTokenStore
> & {
  close?(): Awaitable<void>
}

/** A store that the suite has opened for one case. It is empty. */
export interface OpenedStore {
  readonly store: StoreUnderTest
  /**
   * Lets so much time go by on the store's clock. Where the clock is injected, move it; where it is a server's own, wait:
   * see `clock` and `timeScale` of the suite.
   */
  advance(milliseconds: number): Awaitable<void>
  /**
   * Opens another store on the same data, as another process has it; the suite closes it. Left out where a store cannot learn what
   * others write: what it says about that is then not tested.
   */
  another?(): Awaitable<StoreUnderTest>
  /** Takes away what the store leaves behind. The suite has closed it before. */
  dispose?(): Awaitable<void>
}
