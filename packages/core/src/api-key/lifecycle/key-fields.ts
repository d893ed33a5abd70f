import { isLine, type OptionReader } from '../../option-reader.js'
import type { AddressMatcher } from '../addresses.js'
import type { RateStore } from '../rate-store.js'
import type { KeyChanges } from '../store.js'
import { isScopeGrant } from '../verification/scopes.js'
import { readAllowedIps, readIdleSeconds, readQuota, readRateLimit } from './key-limits.js'
import type { ApiKeyChanges } from './new-api-key.js'

const mostScopes = 256
const mostMetadataCharacters = 16 * 1024
/** What walks through it step by step must not run out of stack. */
const mostMetadataLevels = 100
/** The last instant that a `Date` can hold (ECMA-262 section 21.4.1.1). */
export const endOfTimeMs = 8.64e15

/** What limits of a key need, to be kept. */
export interface LimitParts {
  readonly addresses: AddressMatcher | undefined
  readonly rates: RateStore | undefined
}

/**
 * What of a key an application chooses when it makes one, and may change later: the columns that were given, and no others.
 *
 * @throws ConfigurationError naming what does not fit.
 */
export function readKeyFields(
  read: OptionReader<ApiKeyChanges>,
  nowMs: number,
  { addresses, rates }: LimitParts,
): KeyChanges {
  const fields: { readonly [Field in keyof KeyChanges]-?: KeyChanges[Field] | undefined } = {
    name: read.optional('name', 'a text of 1 to 255 characters or null', isLineOrNull),
    scopes: readScopes(read),
    metadata: readMetadata(read),
    allowedIps: readAllowedIps(read, addresses),
    rateLimit: readRateLimit(read, rates),
    quota: readQuota(read, nowMs),
    expiresAtMs: readEnd(read, nowMs),
    idleSeconds: readIdleSeconds(read),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as KeyChanges
}

/** When a key is to end, in epoch milliseconds. */
export function readEnd(
  read: OptionReader<{ readonly expiresAt?: Date | number | null }>,
  nowMs: number,
): number | null | undefined {
  const time = read.optional('expiresAt', 'a date, epoch milliseconds or null', isTime)
  if (time === null || time === undefined) return time
  const timeMs = Math.trunc(Number(time))
  if (timeMs > nowMs && timeMs <= endOfTimeMs) return timeMs
  throw read.fault('expiresAt', `in the future, after ${nowMs} ms of the epoch`, timeMs)
}

function readScopes(read: OptionReader<ApiKeyChanges>): readonly string[] | undefined {
  const scopes = read.optional('scopes', `a list of at most ${mostScopes} scopes such as "payments:read"`, isScopeList)
  return scopes && Object.freeze([...new Set(scopes)])
}

/** A copy that nobody else can change. */
function readMetadata(read: OptionReader<ApiKeyChanges>): Readonly<Record<string, unknown>> | undefined {
  const data = read.optional('metadata', 'an object of JSON data', isObject)
  if (data === undefined) return undefined
  let text: string | undefined
  try {
    text = JSON.stringify(data)
  } catch {
    // A circle or a BigInt.
  }
  const copy: unknown = text !== undefined && text.length <= mostMetadataCharacters ? JSON.parse(text) : undefined
  if (isObject(copy) && isFrozenWithin(mostMetadataLevels, copy)) return copy
  const bounds = `at most ${mostMetadataCharacters} characters of it, ${mostMetadataLevels} levels deep`
  throw read.fault('metadata', `an object of JSON data, ${bounds}`, data)
}

/** Freezes a value with all that is in it; `false`: it has more levels. */
function isFrozenWithin(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  Object.freeze(value)
  return levels > 0 && Object.values(value).every((inner) => isFrozenWithin(levels - 1, inner))
}

/** `Array.from`: a hole in a list is a missing scope, which `every` would pass over. */
function isScopeList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= mostScopes && Array.from(value).every(isScopeGrant)
}

function isLineOrNull(value: unknown): value is string | null {
  return value === null || isLine(value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** By tag and not `instanceof`: a date of another realm is a date. */
function isTime(value: unknown): value is Date | number | null {
  return value === null || typeof value === 'number' || Object.prototype.toString.call(value) === '[object Date]'
}
