import { apiKeyLifeCases } from './cases/api-key-life.js'
import { apiKeyCases } from './cases/api-keys.js'
import { claimCases } from './cases/claim.js'
import { damageCases } from './cases/damage.js'
import { fenceCases } from './cases/fence.js'
import { keyInsertCases } from './cases/key-inserts.js'
import { keyLifeCases } from './cases/key-life.js'
import { keyRotationCases } from './cases/key-rotation.js'
import { keyCases } from './cases/keys.js'
import { leaseCases } from './cases/lease.js'
import { operatorCases } from './cases/operators.js'
import { quotaCases } from './cases/quota.js'
import { rateCases } from './cases/rates.js'
import { replayCases } from './cases/replay.js'
import { settleCases } from './cases/settle.js'
import { tokenCases } from './cases/tokens.js'
import { watchCases } from './cases/watch.js'
import { wholeCases } from './cases/whole.js'
import type { OpenedStore } from './opened-store.js'
import type { StoreCase } from './store-case.js'
import { Trial } from './trial.js'

/** Everything that holds for every store. */
export const storeCases: readonly StoreCase[] = [
  ...claimCases,
  ...leaseCases,
  ...fenceCases,
  ...settleCases,
  ...operatorCases,
  ...damageCases,
  ...replayCases,
  ...keyCases,
  ...keyInsertCases,
  ...keyLifeCases,
  ...keyRotationCases,
  ...quotaCases,
  ...rateCases,
  ...apiKeyCases,
  ...apiKeyLifeCases,
  ...tokenCases,
  ...watchCases,
  ...wholeCases,
]

export interface RunStoreCaseOptions {
  /** As in `StoreSuiteOptions`. */
  readonly timeScale?: number
  readonly clock?: 'injected' | 'running'
}

/** Runs one case on an empty store, and closes the store. */
export async function runStoreCase(
  each: StoreCase,
  opened: OpenedStore,
  { timeScale = 1, clock = 'injected' }: RunStoreCaseOptions = {},
): Promise<void> {
  try {
    await each.run(new Trial(opened, clock === 'injected', timeScale))
  } finally {
    await opened.store.close?.()
    await opened.dispose?.()
  }
}
