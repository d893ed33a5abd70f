import { chained, within } from '../deadline.js'
import type { Awaitable } from '../guard.js'
import { FailedAttempts } from './failed-attempts.js'
import { type CheckParts, complaintAbout, type Trial } from './key-checks.js'
import type { KeyLimit } from './key-meters.js'
import type { PresentedKey } from './presented-key.js'
import { ProvenKeys } from './proven-keys.js'
import { type KeyOrigin, type KeyRequirements, Requirements } from './requirements.js'
import type { KeyRecord, KeySource } from './store.js'
import { grantOf, type InvalidKey, type InvalidKeyReason, malformed, type Verification } from './verification.js'

/** What verifying a key needs. */
export interface VerifierParts extends CheckParts {
  /** Where records are read: the store, or a cache before it. */
  readonly records: KeySource
  /** What key this is; `undefined`: none. */
  readonly identify: (key: string) => PresentedKey | undefined
  readonly now: () => number
  /** The record with the latest use that is known of. */
  readonly seen: (record: KeyRecord) => KeyRecord
  /** Told of each key that turned out valid, with its record as the store has it. Never throws. */
  readonly onUse: (record: KeyRecord, key: string, nowMs: number, origin: KeyOrigin) => void
}

/** Decides on a key that somebody presents. Answers at once where the store does. */
export type KeyVerifier<Scope extends string> = (
  key: string,
  requirements?: KeyRequirements<Scope>,
  origin?: KeyOrigin,
) => Awaitable<Verification<Scope>>

const unknownOrigin: KeyOrigin = Object.freeze({ remoteAddress: undefined })

/** Shape first; then the failures of the source; then one read, and the secret; then what the proven key is and may. */
export function keyVerifier<Scope extends string>(parts: VerifierParts): KeyVerifier<Scope> {
  const { records, identify, now, seen, onUse } = parts
  const failed = new FailedAttempts()
  const proven = new ProvenKeys()
  const nothing = new Requirements<Scope>({})

  const unproven = (attempt: Attempt<Scope>, reason: 'unknown' | 'wrong-secret', keyId?: string): InvalidKey => {
    const { failureThrottle } = attempt.requirements
    if (failureThrottle !== undefined) failed.note(attempt.origin.remoteAddress, failureThrottle, now())
    return { isValid: false, reason, ...(keyId !== undefined && { keyId }) }
  }

  const judge = (attempt: Attempt<Scope>, record: KeyRecord): Awaitable<Verification<Scope>> => {
    const { key, presented, requirements, origin, isLate } = attempt
    const { parsed } = presented
    const nowMs = now()
    const keyId = parsed?.id ?? record.id
    proven.note(keyId, key, nowMs)
    const limits: KeyLimit[] = []
    // Field by field: to spread the attempt here costs more than the digest.
    const trial: Trial = { record: seen(record), parsed, requirements, origin, nowMs, isLate, limits }
    return chained(complaintAbout(trial, parts), (reason) => {
      if (reason !== undefined) return refused(reason, keyId, limits)
      onUse(record, key, nowMs, origin)
      const grant = grantOf<Scope>(record)
      return limits.length === 0 ? { isValid: true, grant } : { isValid: true, grant, limits }
    })
  }

  const decide = (attempt: Attempt<Scope>): Awaitable<Verification<Scope>> => {
    const { presented } = attempt
    return chained(presented.find(records), (record) =>
      chained(presented.isProvenBy(record), (isRight) => {
        if (!record) return unproven(attempt, 'unknown', presented.parsed?.id)
        return isRight ? judge(attempt, record) : unproven(attempt, 'wrong-secret', presented.parsed?.id ?? record.id)
      }),
    )
  }

  return (key, required = nothing, origin = unknownOrigin) => {
    const requirements = required instanceof Requirements ? required : new Requirements<Scope>(required)
    const presented = identify(key)
    if (presented === undefined) return malformed
    const { failureThrottle, storeTimeoutSeconds } = requirements
    const secondsLeft = failureThrottle ? failed.secondsLeft(origin.remoteAddress, failureThrottle, now()) : 0
    if (secondsLeft > 0 && !proven.has(key)) return heldOff(presented, secondsLeft)
    const work = (isLate: () => boolean) => decide({ key, presented, requirements, origin, isLate })
    return storeTimeoutSeconds === undefined ? work(() => false) : within(storeTimeoutSeconds, work)
  }
}

interface Attempt<Scope extends string> extends Pick<Trial, 'origin' | 'isLate'> {
  readonly key: string
  readonly presented: PresentedKey
  readonly requirements: Requirements<Scope>
}

function heldOff({ parsed }: PresentedKey, retryAfterSeconds: number): InvalidKey {
  return { isValid: false, reason: 'too-many-failures', ...(parsed && { keyId: parsed.id }), retryAfterSeconds }
}

/** Of a limit that refused it is told when it ends. */
function refused(reason: InvalidKeyReason, keyId: string, limits: readonly KeyLimit[]): InvalidKey {
  if (limits.length === 0) return { isValid: false, reason, keyId }
  const isLimit = reason === 'rate-limited' || reason === 'quota-exceeded'
  const retryAfterSeconds = isLimit ? limits.at(-1)?.resetSeconds : null
  return { isValid: false, reason, keyId, limits, ...(typeof retryAfterSeconds === 'number' && { retryAfterSeconds }) }
}
