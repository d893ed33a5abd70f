import { ConfigurationError } from '../errors.js'
import { isLine, OptionReader } from '../option-reader.js'
import { isScopeGrant, type ScopeGrant } from './scopes.js'
import type { KeyRecord } from './store.js'

/** What a new key is to be. */
export interface NewApiKey<Scope extends string = string> {
  /** For whom the key is: the `caller` of its requests. 1 to 255 characters. */
  readonly ownerId: string
  /** One of the configured environments. @defaultValue the first of `environments` */
  readonly environment?: string
  /** What the key may do; at most 256. @defaultValue `[]`: nothing that asks for a scope */
  readonly scopes?: readonly ScopeGrant<Scope>[]
  /** For people, up to 255 characters. @defaultValue `null` */
  readonly name?: string | null
  /** JSON data of the application's own, at most 16 KiB; the grant carries it. @defaultValue `{}` */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** From when the key is refused, as a date or in epoch milliseconds. Not in the past. @defaultValue `null`: never */
  readonly expiresAt?: Date | number | null
}

/** The columns that the application chooses. */
export type ChosenColumns = Pick<KeyRecord, 'ownerId' | 'environment' | 'scopes' | 'name' | 'metadata' | 'expiresAtMs'>

const mostScopes = 256
const mostMetadataCharacters = 16 * 1024
/** The last instant that a `Date` can hold (ECMA-262 section 21.4.1.1). */
const endOfTimeMs = 8.64e15

/**
 * Checks what a new key is to be. Names that are not in {@link NewApiKey} are refused: what came with a request must not set
 * a column that nobody thought of.
 *
 * @throws ConfigurationError naming what does not fit.
 */
export function readNewApiKey(input: NewApiKey, environments: readonly string[], nowMs: number): ChosenColumns {
  const read = new OptionReader('issue', input, Object.keys(known) as (keyof NewApiKey)[])
  const scopes = read.optional('scopes', `a list of at most ${mostScopes} scopes such as "payments:read"`, isScopeList)
  return {
    ownerId: read.required('ownerId', 'a text of 1 to 255 characters, none of them a control character', isLine),
    environment: read.oneOf('environment', environments, environments[0]!),
    scopes: Object.freeze([...new Set(scopes ?? [])]),
    name: read.optional('name', 'a text of 1 to 255 characters or null', isLineOrNull) ?? null,
    metadata: jsonCopy(read.optional('metadata', 'an object of JSON data', isObject) ?? {}),
    expiresAtMs: expiry(read.optional('expiresAt', 'a date, epoch milliseconds or null', isTime), nowMs),
  }
}

const known = {
  ownerId: true,
  environment: true,
  scopes: true,
  name: true,
  metadata: true,
  expiresAt: true,
} as const satisfies Record<keyof NewApiKey, true>

function expiry(time: Date | number | null | undefined, nowMs: number): number | null {
  if (time === null || time === undefined) return null
  const timeMs = Math.trunc(Number(time))
  if (timeMs > nowMs && timeMs <= endOfTimeMs) return timeMs
  const came = Number.isFinite(timeMs)
    ? `it is ${timeMs} ms after the epoch, and now is ${nowMs}`
    : 'it is no time at all'
  throw new ConfigurationError('invalid-option', `issue: "expiresAt" must lie in the future, ${came}`)
}

/** A copy that nobody else can change. */
function jsonCopy(data: object): Readonly<Record<string, unknown>> {
  let text: string | undefined
  try {
    text = JSON.stringify(data)
  } catch {
    // A circle or a BigInt.
  }
  const copy: unknown = text !== undefined && text.length <= mostMetadataCharacters ? JSON.parse(text) : undefined
  if (isObject(copy)) return deeplyFrozen(copy)
  throw new ConfigurationError(
    'invalid-option',
    `issue: "metadata" must be an object of JSON data, at most ${mostMetadataCharacters} characters of it`,
  )
}

function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deeplyFrozen)
  return Object.freeze(value)
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
