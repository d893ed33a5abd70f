import {
  ConfigurationError,
  type MessageGuardOptions,
  type MessageGuardSettings,
  messageGuardOptions,
  messageGuardSettings,
  type Observe,
  OptionReader,
} from '@latchkey/core'
import type { HttpSignatureEvent } from './guard-event.js'
import { type KeyResolver, keyResolver, type VerificationKeys } from './key-source.js'
import { type HttpSignaturePolicy, type PolicySettings, policySettings } from './policy.js'
import type { FieldType } from './structured-field.js'
import { targetUri } from './target-uri.js'

/** Options of the guard `httpSignature`: these, and those of `signature` for the replay window, bodies and answers. */
export interface HttpSignatureOptions extends MessageGuardOptions {
  /**
   * Where keys come from: a key, a list of which any may match, a `Map` by key id, `jwks`, or a function. A key that is not found
   * is 401, a function that fails or is slow 503. Never from the message itself.
   */
  readonly keys: VerificationKeys
  /** What a signature has to be like to count. */
  readonly policy: HttpSignaturePolicy
  /**
   * Scheme and authority that the sender addresses, for a server behind a proxy: `https://api.example.com`. Only what the
   * framework's own proxy setting resolves is used otherwise.
   *
   * @remarks Insecure if it is absent and the server answers to any `Host`: what was signed for another server, which shares
   * the key, is then taken here.
   * @defaultValue `undefined`: as the client addressed the server
   */
  readonly publicOrigin?: string
  /** Types of structured fields beside the registered ones, for components with `sf`: `{ 'example-dict': 'dictionary' }`. */
  readonly fieldTypes?: Readonly<Record<string, FieldType>>
  /** Told what was decided and why; clients are told no reason. */
  readonly observe?: Observe<HttpSignatureEvent>
}

/** {@link HttpSignatureOptions}, checked and complete. */
export interface HttpSignatureSettings extends MessageGuardSettings {
  readonly keys: KeyResolver
  readonly policy: PolicySettings
  readonly publicOrigin: string | undefined
  readonly fieldTypes: Readonly<Record<string, FieldType>>
  readonly observe: Observe<HttpSignatureEvent> | undefined
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  ...messageGuardOptions,
  keys: true,
  policy: true,
  publicOrigin: true,
  fieldTypes: true,
  observe: true,
} as const satisfies Record<keyof HttpSignatureOptions, true>

const factory = 'httpSignature'

/** @throws ConfigurationError naming the first option that does not fit. */
export function httpSignatureSettings(options: HttpSignatureOptions): HttpSignatureSettings {
  const read = new OptionReader(factory, options, Object.keys(known) as (keyof HttpSignatureOptions)[])
  const keys = read.required('keys', 'one or several keys, a Map, or a function', isObject<VerificationKeys>)
  const policy = policySettings(factory, read.required('policy', 'an object', isObject<HttpSignaturePolicy>))
  if (policy.required.some(({ parameters }) => parameters.has('req') || parameters.has('tr'))) {
    throw new ConfigurationError(
      'invalid-option',
      `${factory}: policy: "required" must name what a request has: no trailer (tr), nothing of another request (req)`,
    )
  }
  return {
    ...messageGuardSettings(factory, read),
    keys: keyResolver(keys, factory),
    policy,
    publicOrigin: read.optional('publicOrigin', 'a scheme and an authority, as https://api.example.com', isOrigin),
    fieldTypes: read.optional('fieldTypes', "an object of 'item', 'list' and 'dictionary'", areFieldTypes) ?? {},
    observe: read.optional('observe', 'a function', isObserver),
  }
}

function isObject<Value>(value: unknown): value is Value {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function isOrigin(value: unknown): value is string {
  if (typeof value !== 'string' || !/^https?:\/\/[^/?#]+$/.test(value)) return false
  return targetUri(value) !== undefined
}

function areFieldTypes(value: unknown): value is Readonly<Record<string, FieldType>> {
  const types: readonly unknown[] = ['item', 'list', 'dictionary']
  return typeof value === 'object' && value !== null && Object.values(value).every((type) => types.includes(type))
}

function isObserver(value: unknown): value is Observe<HttpSignatureEvent> {
  return typeof value === 'function'
}
