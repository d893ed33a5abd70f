import type { KeyRecord } from '../store.js'
import { isEnvironment, isKeyId, type ParsedKey } from './grammar.js'

/**
 * Whether a record holds what its columns are for, so that it can be judged and granted. Times are judged where they are
 * needed. The environment stands in a key of ours, too, and the digest covers it.
 *
 * @param parsed what the key itself says; a foreign key says nothing.
 */
export function isReadable(record: KeyRecord, parsed: ParsedKey | undefined): boolean {
  return (
    (parsed === undefined ? isNamed(record) : record.id === parsed.id && record.environment === parsed.environment) &&
    isName(record.ownerId) &&
    isTexts(record.scopes) &&
    isObject(record.metadata) &&
    hasReadableLimits(record)
  )
}

function isNamed({ id, environment }: KeyRecord): boolean {
  return isKeyId(id) && isEnvironment(environment)
}

function hasReadableLimits({ allowedIps, rateLimit, quota, meterId }: KeyRecord): boolean {
  if (allowedIps !== null && !isTexts(allowedIps)) return false
  if (rateLimit === null && quota === null) return true
  const isLimit = rateLimit === null || (isAmount(rateLimit?.limit) && isAmount(rateLimit.windowSeconds))
  const refill = quota?.refill ?? null
  const isRefill = refill === null || (isAmount(refill.amount) && isAmount(refill.everySeconds))
  return isName(meterId) && isLimit && isObjectOrNull(quota) && isRefill
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isTexts(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  for (const text of value) if (typeof text !== 'string') return false
  return true
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isObjectOrNull(value: unknown): boolean {
  return typeof value === 'object'
}

/** A whole number from 1 up. */
function isAmount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0
}
