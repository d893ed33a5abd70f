import type { Store } from '@latchkey/core'
import { faultyStore, type StorePlace } from '@latchkey/testing'

/** Where each fault of the lab is put, and which there can be. */
const parts = {
  claim: { modes: ['ok', 'fail', 'hang', 'lose-answer'], places: ['idempotency.claim', 'replay.reserve'] },
  settle: { modes: ['ok', 'fail', 'hang'], places: ['idempotency.settle', 'idempotency.tombstone', 'replay.commit'] },
  keys: { modes: ['ok', 'fail', 'hang'], places: ['keys', 'rates'] },
} as const satisfies Record<string, { modes: readonly string[]; places: readonly StorePlace[] }>

type Part = keyof typeof parts
type Faults = { readonly [Name in Part]: (typeof parts)[Name]['modes'][number] }

export interface LabFaults {
  readonly store: Store
  show(): Faults
  /** Changes what `change` names; `false`, and nothing is changed, where it names what does not exist. */
  inject(change: unknown): boolean
}

/** The store, with faults put between it and the guards on request. */
export function labFaults(store: Store): LabFaults {
  const faulty = faultyStore(store)
  let faults: Faults = { claim: 'ok', settle: 'ok', keys: 'ok' }
  return {
    store: faulty.store,
    show: () => faults,
    inject: (change) => {
      if (!isChange(change)) return false
      faults = { ...faults, ...change }
      for (const part of Object.keys(parts) as Part[]) {
        for (const place of parts[part].places) faulty.inject(place, faults[part])
      }
      return true
    },
  }
}

function isChange(change: unknown): change is Partial<Faults> {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return false
  return Object.entries(change).every(
    ([part, mode]) => Object.hasOwn(parts, part) && (parts[part as Part].modes as readonly unknown[]).includes(mode),
  )
}
