import { ConfigurationError, OptionReader } from '@latchkey/core'
import { type Component, namedComponent } from './component.js'
import { type HttpSignatureAlgorithm, httpSignatureAlgorithms } from './crypto.js'

/**
 * What a signature has to be like to count. RFC 9421 leaves it to the application, and a verifier without a policy accepts a
 * signature over nothing: so the first three have to be written down.
 */
export interface HttpSignaturePolicy {
  /**
   * Components that each signature has to cover, exactly as they are named here: `@method`, `content-digest`,
   * `@query-param;name="id"`. A variant with other parameters does not count.
   *
   * @remarks Insecure if it leaves out what the handler relies on: without `content-digest` the body can be another, without
   * `@method`, `@authority` and `@path` (or `@target-uri`) the message can be sent elsewhere. `[]` requires nothing.
   */
  readonly required: readonly string[]
  /**
   * Most seconds since `created`, the border included; `created` has to be there. `0`: no limit, and no `created` needed.
   *
   * @remarks Insecure if it is `0` and no nonce is required: whoever has seen a message can send it again for ever, once the
   * replay window has forgotten it.
   */
  readonly maxAgeSeconds: number
  /** Algorithms that count. A key for another one does not verify, whatever the message says. */
  readonly algorithms: readonly HttpSignatureAlgorithm[]
  /**
   * Only signatures with this tag count; the others are passed over.
   *
   * @defaultValue `undefined`: tags do not matter
   */
  readonly tag?: string
  /**
   * Only signatures under these labels count; the others are passed over. Under `all` each of them has to be there.
   *
   * @defaultValue `undefined`: every signature counts
   */
  readonly labels?: readonly string[]
  /**
   * Of several signatures that count: `'all'`: each has to be right; `'any'`: one is enough.
   *
   * @remarks Insecure if it is `'any'` and two signers sign the same message: each signature can be sent once, on its own.
   * @defaultValue `'all'`
   */
  readonly mode?: 'all' | 'any'
  /**
   * `'required'`: each signature has a nonce, by which the replay window knows the message: a retry with the same nonce and a
   * new time is the same message. `'optional'`: the window knows it by what is signed.
   *
   * @defaultValue `'optional'`
   */
  readonly nonce?: 'required' | 'optional'
  /** Most seconds by which `created` may lie in the future. @defaultValue `maxAgeSeconds`, at most `300`; `300` where that is 0 */
  readonly clockSkewSeconds?: number
}

/** {@link HttpSignaturePolicy}, checked and complete. */
export interface PolicySettings {
  readonly required: readonly Component[]
  readonly maxAgeSeconds: number
  readonly algorithms: ReadonlySet<string>
  readonly tag: string | undefined
  readonly labels: readonly string[] | undefined
  readonly mode: 'all' | 'any'
  readonly nonce: 'required' | 'optional'
  readonly clockSkewSeconds: number
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  required: true,
  maxAgeSeconds: true,
  algorithms: true,
  tag: true,
  labels: true,
  mode: true,
  nonce: true,
  clockSkewSeconds: true,
} as const satisfies Record<keyof HttpSignaturePolicy, true>

/** @throws ConfigurationError naming the first option that does not fit. */
export function policySettings(factory: string, policy: HttpSignaturePolicy): PolicySettings {
  const where = `${factory}: policy`
  const read = new OptionReader(where, policy, Object.keys(known) as (keyof HttpSignaturePolicy)[])
  const required = read.required('required', 'a list of components; [] to require none', isTexts)
  const algorithms = read.required('algorithms', `a list of ${httpSignatureAlgorithms.join(', ')}`, areAlgorithms)
  const maxAgeSeconds = read.number('maxAgeSeconds', undefined, 0, 315_360_000)
  const components = required.map((name) => namedComponent(name, `${where}: each of "required"`))
  if (new Set(components.map(({ identity }) => identity)).size !== components.length) {
    throw new ConfigurationError('invalid-option', `${where}: "required" names a component twice`)
  }
  const skew = maxAgeSeconds === 0 ? 300 : Math.min(maxAgeSeconds, 300)
  return {
    required: components,
    maxAgeSeconds,
    algorithms: new Set(algorithms),
    tag: read.optional('tag', 'a text of 1 to 1024 characters', isTag),
    labels: read.optional('labels', 'a list of at least one label', isLabels),
    mode: read.oneOf('mode', ['all', 'any'], 'all'),
    nonce: read.oneOf('nonce', ['required', 'optional'], 'optional'),
    clockSkewSeconds: read.number('clockSkewSeconds', skew, 0, 86_400),
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function areAlgorithms(value: unknown): value is readonly HttpSignatureAlgorithm[] {
  const names: readonly string[] = httpSignatureAlgorithms
  return isTexts(value) && value.length > 0 && value.every((name) => names.includes(name))
}

function isTag(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,1024}$/.test(value)
}

function isLabels(value: unknown): value is readonly string[] {
  return isTexts(value) && value.length > 0 && value.every((label) => /^[a-z*][a-z0-9_.*-]{0,254}$/.test(label))
}
