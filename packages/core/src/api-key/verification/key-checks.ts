import { chained, isPromise } from '../../deadline.js'
import { ConfigurationError, StoreError } from '../../errors.js'
import type { Awaitable } from '../../guard.js'
import { shown } from '../../option-reader.js'
import type { AddressMatcher } from '../addresses.js'
import type { OwnerStatus } from '../api-keys-options.js'
import type { ParsedKey } from '../key/grammar.js'
import { isReadable } from '../key/readable-record.js'
import { countRequest, type KeyLimit, type Metering, spendRequest } from '../limits/key-meters.js'
import type { RateStore } from '../rate-store.js'
import type { KeyRecord, KeyStore } from '../store.js'
import { isIdle } from './idle.js'
import type { KeyOrigin, Requirements } from './requirements.js'
import { isGranted } from './scopes.js'
import type { InvalidKeyReason } from './verification.js'

/** What the checks of proven keys need. */
export interface CheckParts {
  readonly store: KeyStore
  readonly rates: RateStore | undefined
  readonly addresses: AddressMatcher | undefined
  readonly ownerStatus: OwnerStatus | undefined
}

/** A key whose secret is right, on its way through the checks. */
export interface Trial {
  readonly record: KeyRecord
  /** What the key itself says; a foreign key says nothing. */
  readonly parsed: ParsedKey | undefined
  readonly requirements: Requirements
  readonly origin: KeyOrigin
  readonly nowMs: number
  /** Whether nobody waits for the outcome any more. */
  readonly isLate: boolean
  /** The limits that the request was counted against so far. */
  readonly limits: KeyLimit[]
}

/** Says what stands against a key; `undefined`: nothing. */
type Check = (trial: Trial, parts: CheckParts) => Awaitable<InvalidKeyReason | undefined>

/**
 * What stands against a proven key first. Checks come in their one order, and what one refuses costs nothing of the next.
 *
 * @throws StoreError (or rejects) where the key can be neither let in nor refused.
 */
export function complaintAbout(trial: Trial, parts: CheckParts, from = 0): Awaitable<InvalidKeyReason | undefined> {
  if (trial.isLate) throw new StoreError('timeout', 'The verification of a key was given up')
  for (let at = from; at < checks.length; at++) {
    const complaint = checks[at]!(trial, parts)
    if (complaint === undefined) continue
    if (isPromise(complaint)) return complaint.then((late) => late ?? complaintAbout(trial, parts, at + 1))
    return complaint
  }
  return undefined
}

const checks: readonly Check[] = Object.freeze<Check[]>([
  inForce,
  ofActiveOwner,
  beforeItsEnd,
  ofEnvironment,
  fromAllowedAddress,
  withinRate,
  withScopes,
  withinQuota,
])

/** Whatever a column should not hold counts against the key. */
function inForce({ record, parsed }: Trial): InvalidKeyReason | undefined {
  if (!isReadable(record, parsed)) return 'corrupt'
  if (record.revokedAtMs !== null) return 'revoked'
  return record.disabledAtMs === null ? undefined : 'disabled'
}

function ofActiveOwner({ record }: Trial, { ownerStatus }: CheckParts): Awaitable<InvalidKeyReason | undefined> {
  if (ownerStatus === undefined) return undefined
  return chained(ownerStatus(record.ownerId), (status) => {
    if (status === 'active') return undefined
    if (status === 'suspended') return 'owner-suspended'
    const rule = `must answer with 'active' or 'suspended', it answered with ${shown(status)}`
    throw new ConfigurationError('invalid-option', `apiKeys: "ownerStatus" ${rule}`)
  })
}

function beforeItsEnd({ record, nowMs }: Trial): InvalidKeyReason | undefined {
  const { expiresAtMs } = record
  const isAhead = expiresAtMs === null || (Number.isFinite(expiresAtMs) && nowMs < expiresAtMs)
  if (!isAhead) return 'expired'
  return isIdle(record, nowMs) ? 'idle' : undefined
}

function ofEnvironment({ record, requirements }: Trial): InvalidKeyReason | undefined {
  const { environments } = requirements
  const isMet = environments === undefined || environments.includes(record.environment)
  return isMet ? undefined : 'environment-mismatch'
}

/** From an unknown address nothing is allowed. */
function fromAllowedAddress({ record, origin }: Trial, { addresses }: CheckParts): InvalidKeyReason | undefined {
  const { allowedIps } = record
  if (allowedIps === null) return undefined
  if (addresses === undefined) {
    throw new StoreError('unavailable', 'A stored key has allowed addresses, and "addresses" is not configured')
  }
  const { remoteAddress } = origin
  const isKnown = typeof remoteAddress === 'string' && remoteAddress !== ''
  return isKnown && addresses.isWithin(remoteAddress, allowedIps) === true ? undefined : 'ip-not-allowed'
}

function withinRate({ record, limits }: Trial, { rates }: CheckParts): Awaitable<InvalidKeyReason | undefined> {
  if (record.rateLimit === null) return undefined
  return chained(countRequest(record, rates), (metering) => noted(metering, limits, 'rate-limited'))
}

function withScopes({ record, requirements }: Trial): InvalidKeyReason | undefined {
  const { scopes, anyOf } = requirements
  if (scopes.length === 0 && anyOf === undefined) return undefined
  const has = (scope: string) => isGranted(record.scopes, scope)
  const isMet = scopes.every(has) && (anyOf === undefined || anyOf.some(has))
  return isMet ? undefined : 'insufficient-scope'
}

function withinQuota({ record, limits, nowMs }: Trial, { store }: CheckParts): Awaitable<InvalidKeyReason | undefined> {
  if (record.quota === null) return undefined
  return chained(spendRequest(record, store, nowMs), (metering) => noted(metering, limits, 'quota-exceeded'))
}

function noted(
  metering: Metering | undefined,
  limits: KeyLimit[],
  reason: InvalidKeyReason,
): InvalidKeyReason | undefined {
  if (metering === undefined) return undefined
  limits.push(metering.limit)
  return metering.isAllowed ? undefined : reason
}
