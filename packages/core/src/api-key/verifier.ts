import { isPromise } from '../deadline.js'
import type { Awaitable } from '../guard.js'
import type { PresentedKey } from './presented-key.js'
import type { KeyRecord, KeySource } from './store.js'
import { judge, malformed, type Verification } from './verification.js'

/** What verifying a key needs. */
export interface VerifierParts {
  readonly records: KeySource
  /** What key this is; `undefined`: none. */
  readonly identify: (key: string) => PresentedKey | undefined
  readonly now: () => number
  /** The record with the latest use that is known of. */
  readonly seen: (record: KeyRecord) => KeyRecord
  /** Told of each key that turned out valid, with its record as the store has it. Never throws. */
  readonly onUse: (record: KeyRecord, key: string, nowMs: number) => void
}

/** Who presents a key: shape first, then one read, then judgement. Answers at once where the store does. */
export function keyVerifier<Scope extends string>(
  parts: VerifierParts,
): (key: string) => Awaitable<Verification<Scope>> {
  const { records, identify, now, seen, onUse } = parts
  return (key) => {
    const presented = identify(key)
    if (presented === undefined) return malformed
    const conclude = (record: KeyRecord | null | undefined, isRight: boolean): Verification<Scope> => {
      const nowMs = now()
      const verification = judge<Scope>(isRight, presented.parsed, record && seen(record), nowMs)
      if (verification.isValid && record) onUse(record, key, nowMs)
      return verification
    }
    const prove = (record: KeyRecord | null | undefined): Awaitable<Verification<Scope>> => {
      const isRight = presented.isProvenBy(record)
      return isPromise(isRight) ? isRight.then((late) => conclude(record, late)) : conclude(record, isRight)
    }
    const found = presented.find(records)
    return isPromise(found) ? found.then(prove) : prove(found)
  }
}
