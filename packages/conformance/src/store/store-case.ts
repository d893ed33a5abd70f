import type { Facet } from './opened-store.js'
import type { Trial } from './trial.js'

/** One sentence of the contracts. */
export interface StoreCase {
  readonly name: string
  readonly facet: Facet
  /** It looks at the very millisecond at which something ends, which takes a clock that stands still between two calls. */
  readonly needsInjectedClock?: true
  /** It looks at a record that cannot be read, which takes `damage` of the opened store. */
  readonly needsDamage?: true
  readonly run: (trial: Trial) => Promise<void>
}
