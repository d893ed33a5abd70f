import { inTime, isPromise } from '../../deadline.js'
import type { Awaitable } from '../../guard.js'
import type { PresentedKey } from '../key/presented-key.js'
import type { KeyLimit } from '../limits/key-meters.js'
import type { KeyRecord, KeySource } from '../store.js'
import { FailedAttempts } from './failed-attempts.js'
import { type CheckParts, complaintAbout, type Trial } from './key-checks.js'
import { ProvenKeys } from './proven-keys.js'
import { type KeyOrigin, type KeyRequirements, Requirements } from './requirements.js'
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
  readonly onUse: (record: KeyRecord, key: string, nowMs: number) => void
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

  const unproven = (attempt: Attempt, reason: 'unknown' | 'wrong-secret', keyId?: string): InvalidKey => {
    const { failureThrottle } = attempt.requirements
    if (failureThrottle !== undefined) failed.note(attempt.origin.remoteAddress, failureThrottle, now())
    return keyId === undefined ? { isValid: false, reason } : { isValid: false, reason, keyId }
  }

  const concluded = (attempt: Attempt, kept: KeyRecord, reason: InvalidKeyReason | undefined): Verification<Scope> => {
    const { key, limits, nowMs } = attempt
    if (reason !== undefined) return refused(reason, attempt.keyId ?? kept.id, limits)
    onUse(kept, key, nowMs)
    const grant = grantOf<Scope>(kept)
    return limits.length === 0 ? { isValid: true, grant } : { isValid: true, grant, limits }
  }

  const judge = (attempt: Attempt, kept: KeyRecord, keyId: string): Awaitable<Verification<Scope>> => {
    attempt.record = seen(kept)
    attempt.nowMs = now()
    proven.note(keyId, attempt.key, attempt.nowMs)
    const reason = complaintAbout(attempt as Trial, parts)
    return isPromise(reason) ? reason.then((late) => concluded(attempt, kept, late)) : concluded(attempt, kept, reason)
  }

  const decided = (attempt: Attempt, record: KeyRecord | null | undefined, isRight: boolean) => {
    if (!record) return unproven(attempt, 'unknown', attempt.keyId)
    const keyId = attempt.keyId ?? record.id
    return isRight ? judge(attempt, record, keyId) : unproven(attempt, 'wrong-secret', keyId)
  }

  const prove = (attempt: Attempt, record: KeyRecord | null | undefined): Awaitable<Verification<Scope>> => {
    const isRight = attempt.presented.isProvenBy(record)
    return typeof isRight === 'boolean'
      ? decided(attempt, record, isRight)
      : isRight.then((late) => decided(attempt, record, late))
  }

  return (key, required = nothing, origin = unknownOrigin) => {
    const requirements = required instanceof Requirements ? required : new Requirements<Scope>(required)
    const presented = identify(key)
    if (presented === undefined) return malformed
    const { failureThrottle, storeTimeoutSeconds } = requirements
    const secondsLeft = failureThrottle ? failed.secondsLeft(origin.remoteAddress, failureThrottle, now()) : 0
    if (secondsLeft > 0 && !proven.has(key)) return heldOff(presented, secondsLeft)
    const attempt = new Attempt(key, presented, requirements, origin)
    const found = presented.find(records)
    const answer = isPromise(found) ? found.then((late) => prove(attempt, late)) : prove(attempt, found)
    if (storeTimeoutSeconds === undefined || !isPromise(answer)) return answer
    return inTime(storeTimeoutSeconds, answer, () => {
      attempt.isLate = true
    })
  }
}

/** One key on its way through. An object and no closures: each request that keys guard makes one. */
class Attempt {
  readonly key: string
  readonly presented: PresentedKey
  readonly parsed: PresentedKey['parsed']
  readonly requirements: Requirements
  readonly origin: KeyOrigin
  readonly limits: KeyLimit[] = []
  /** What the key itself says. */
  readonly keyId: string | undefined
  /** What is judged, once the secret has turned out right. */
  record: KeyRecord | undefined
  nowMs = 0
  isLate = false

  constructor(key: string, presented: PresentedKey, requirements: Requirements, origin: KeyOrigin) {
    this.key = key
    this.presented = presented
    this.parsed = presented.parsed
    this.requirements = requirements
    this.origin = origin
    this.keyId = presented.parsed?.id
  }
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
