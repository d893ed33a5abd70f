import { isPromise } from '../deadline.js'
import type { Awaitable } from '../guard.js'
import type { KeyHasher } from './digest.js'
import { parseKey } from './grammar.js'
import type { KeyRecord, KeyStore } from './store.js'
import { judge, malformed, type Verification } from './verification.js'

/** What verifying a key needs. */
export interface VerifierParts {
  readonly store: KeyStore
  readonly prefixes: readonly string[]
  readonly hasher: KeyHasher
  readonly now: () => number
  /** Told of each key that turned out valid. Never throws. */
  readonly onUse: (record: KeyRecord, key: string, nowMs: number) => void
}

/** Who presents a key: shape first, then one read, then judgement. Answers at once where the store does. */
export function keyVerifier<Scope extends string>(
  parts: VerifierParts,
): (key: string) => Awaitable<Verification<Scope>> {
  const { store, prefixes, hasher, now, onUse } = parts
  return (key) => {
    const parsed = typeof key === 'string' ? parseKey(key, prefixes) : undefined
    if (parsed === undefined) return malformed
    const conclude = (record: KeyRecord | undefined): Verification<Scope> => {
      const nowMs = now()
      const verification = judge<Scope>(key, parsed, record, hasher, nowMs)
      if (verification.isValid && record) onUse(record, key, nowMs)
      return verification
    }
    const found = store.find(parsed.id)
    return isPromise(found) ? found.then(conclude) : conclude(found)
  }
}
