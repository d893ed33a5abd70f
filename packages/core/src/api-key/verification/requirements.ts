import { OptionReader } from '../../option-reader.js'
import { type FailureThrottle, readFailureThrottle, type ThrottleRule } from './failed-attempts.js'
import { isScope } from './scopes.js'

/** What a key has to be, beyond right and in force. */
export interface KeyRequirements<Scope extends string = string> {
  /** It is of one of these environments. @defaultValue any */
  readonly environments?: readonly string[] | undefined
  /** It has all of these scopes. @defaultValue `[]` */
  readonly scopes?: readonly NoInfer<Scope>[] | undefined
  /** It has at least one of these scopes. @defaultValue none */
  readonly anyOf?: readonly NoInfer<Scope>[] | undefined
  /** Its source has not failed more often; it needs the source's address. @defaultValue `false`: as often as it likes */
  readonly failureThrottle?: FailureThrottle | false | undefined
  /**
   * Most seconds, 0.01 to 60, that all calls of the store may take together; beyond, the verification rejects with a `StoreError`
   * `timeout`, and nothing more is counted or spent. @defaultValue no end
   */
  readonly storeTimeoutSeconds?: number | undefined
}

/** From where a key was presented. */
export interface KeyOrigin {
  /** The client's IP address; `undefined`: nobody knows. */
  readonly remoteAddress: string | undefined
}

const names = Object.freeze<(keyof KeyRequirements)[]>([
  'environments',
  'scopes',
  'anyOf',
  'failureThrottle',
  'storeTimeoutSeconds',
])

/** {@link KeyRequirements}, checked: those of a guard are the same for each request and are checked once. */
export class Requirements<Scope extends string = string> {
  readonly environments: readonly string[] | undefined
  readonly scopes: readonly Scope[]
  readonly anyOf: readonly Scope[] | undefined
  readonly failureThrottle: ThrottleRule | undefined
  readonly storeTimeoutSeconds: number | undefined

  /** @throws ConfigurationError naming what does not fit: what is misread must not be what is not asked for. */
  constructor(requirements: KeyRequirements<Scope>) {
    const read = new OptionReader<KeyRequirements>('verify', requirements, names)
    this.environments = read.optional('environments', 'a list of one environment or more', isTexts)
    this.scopes = read.optional('scopes', 'a list of scopes such as "payments:read", without *', isScopes<Scope>) ?? []
    this.anyOf = read.optional('anyOf', 'a list of one scope or more, without *', isAnyOf<Scope>)
    this.failureThrottle = readFailureThrottle(read, requirements.failureThrottle)
    const isBounded = requirements.storeTimeoutSeconds !== undefined
    this.storeTimeoutSeconds = isBounded ? read.number('storeTimeoutSeconds', undefined, 0.01, 60) : undefined
  }
}

/** `Array.from`: a hole in a list is a missing scope, which `every` would pass over. */
export function isScopes<Scope extends string>(value: unknown): value is readonly Scope[] {
  return Array.isArray(value) && Array.from(value).every(isScope)
}

/** An empty list is a mistake: no key at all has one scope of none. */
export function isAnyOf<Scope extends string>(value: unknown): value is readonly Scope[] {
  return isScopes(value) && value.length > 0
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && Array.from(value).every((text) => typeof text === 'string')
}
