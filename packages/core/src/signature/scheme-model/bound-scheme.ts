import { ConfigurationError } from '../../errors.js'
import type { Awaitable, GuardRequest } from '../../guard.js'
import { OptionReader } from '../../option-reader.js'
import { algorithms, type SecretKey } from './algorithm.js'
import type { HasScheme, Scheme } from './scheme.js'
import { decodeSecret } from './secret.js'

/** What a {@link SecretResolver} sees of a request: all but the body, which is not read yet. Nothing of it is verified. */
export type SecretRequest = Pick<GuardRequest, 'method' | 'url' | 'headers'>

/**
 * Finds the secrets for one request, by tenant or key id. `undefined`, `null` or an empty list: there are none, 401. A throw,
 * a rejection or no answer in time: 503.
 */
export type SecretResolver = (request: SecretRequest) => Awaitable<readonly string[] | null | undefined>

/** How a preset is bound to its secrets. */
export interface SecretOptions {
  /**
   * The secrets, any of which may match; all are tried, so that rotation is a list of two. The replay window belongs to the
   * first: two endpoints with different secrets share a store without meeting. Or a function that finds them per request.
   */
  readonly secrets: readonly string[] | SecretResolver
  /**
   * Refuses MAC keys and shared secrets of fewer bytes, counted after decoding. At least 1.
   *
   * @defaultValue `undefined`: as short as the provider allows
   */
  readonly minimumSecretBytes?: number
  /**
   * The name of an older, weaker signature that the scheme knows (`'sha1'`), to accept it where the strong one is absent.
   *
   * @remarks Insecure if the sender can sign better: an attacker then needs to break only the weaker signature.
   * @defaultValue `undefined`: the strong signature alone
   */
  readonly allowLegacy?: string
}

/** A scheme with its secrets, ready for `signature` and `verify`. Printing it shows no secret. */
export interface BoundScheme extends HasScheme {
  readonly allowLegacy: string | undefined
  /** The decoded secrets for a request; `undefined` where there are none. Throws or rejects where they cannot be had. */
  readonly keysFor: (request: SecretRequest) => Awaitable<readonly SecretKey[] | undefined>
}

/**
 * Binds secrets to a scheme.
 *
 * @throws ConfigurationError where an option or a secret is impossible.
 */
export function bindScheme(scheme: Scheme, options: SecretOptions): BoundScheme {
  const read = new OptionReader(scheme.name, options, ['secrets', 'minimumSecretBytes', 'allowLegacy'])
  const secrets = read.required('secrets', 'a list of at least one secret, or a function that finds them', isSecrets)
  const minimumBytes = read.integer('minimumSecretBytes', 1, 1, 1_048_576)
  const legacy = scheme.carriers.flatMap((carrier) => carrier.legacy ?? [])
  const isLegacy = (value: unknown): value is string => legacy.some((name) => name === value)
  const allowLegacy = read.optional('allowLegacy', `one of [${legacy.join(', ')}]`, isLegacy)

  // Array.from: a hole in a list is a missing secret, which map would pass over.
  const decodeAll = (list: readonly string[]) =>
    Array.from(list, (secret, index) =>
      verificationKey(secret, scheme, `${scheme.name}: secrets[${index}]`, minimumBytes),
    )
  if (typeof secrets === 'function') {
    const keysFor = async (request: SecretRequest) => {
      const found = await secrets(request)
      if (found === null || found === undefined) return undefined
      // Of a text each character would count as a secret.
      if (!Array.isArray(found)) throw read.fault('secrets', 'a function that answers a list', found)
      return found.length === 0 ? undefined : decodeAll(found)
    }
    return { scheme, allowLegacy, keysFor }
  }
  const keys = decodeAll(secrets)
  return { scheme, allowLegacy, keysFor: () => keys }
}

function isSecrets(value: unknown): value is SecretOptions['secrets'] {
  return typeof value === 'function' || (Array.isArray(value) && value.length > 0)
}

function verificationKey(secret: string, scheme: Scheme, where: string, minimumBytes: number): SecretKey {
  const key = decodeSecret(secret, scheme, where, minimumBytes)
  const variants = scheme.carriers.flatMap((carrier) => carrier.variants)
  if (variants.some(({ algorithm }) => algorithms[algorithm].verifiesWith === key.kind)) return key
  throw new ConfigurationError(
    'invalid-option',
    `${where} is a signing key; to verify, give the public key that belongs to it`,
  )
}
