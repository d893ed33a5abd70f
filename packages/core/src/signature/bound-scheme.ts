import { ConfigurationError } from '../errors.js'
import type { Awaitable, GuardRequest } from '../guard.js'
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

const optionNames: ReadonlySet<string> = /* @__PURE__ */ new Set(['secrets', 'minimumSecretBytes', 'allowLegacy'])

/**
 * Binds secrets to a scheme.
 *
 * @throws ConfigurationError where an option or a secret is impossible.
 */
export function bindScheme(scheme: Scheme, options: SecretOptions): BoundScheme {
  checkOptions(scheme, options)
  const { secrets, minimumSecretBytes, allowLegacy } = options
  const decodeAll = (list: readonly string[]) =>
    list.map((secret, index) =>
      verificationKey(secret, scheme, `${scheme.name}: secrets[${index}]`, minimumSecretBytes),
    )
  if (typeof secrets === 'function') {
    const keysFor = async (request: SecretRequest) => {
      const found = await secrets(request)
      return found === null || found === undefined || found.length === 0 ? undefined : decodeAll(found)
    }
    return { scheme, allowLegacy, keysFor }
  }
  const keys = decodeAll(secrets)
  return { scheme, allowLegacy, keysFor: () => keys }
}

function checkOptions(scheme: Scheme, options: SecretOptions): void {
  const { secrets, minimumSecretBytes, allowLegacy } = options ?? {}
  const unknown = Object.keys(options ?? {}).find((name) => !optionNames.has(name))
  if (unknown !== undefined) throw invalid(scheme, `there is no option \`${unknown}\``)
  if (typeof secrets !== 'function' && (!Array.isArray(secrets) || secrets.length === 0)) {
    throw invalid(scheme, `secrets must be a list of at least one secret, or a function that finds them`)
  }
  if (minimumSecretBytes !== undefined && !(Number.isSafeInteger(minimumSecretBytes) && minimumSecretBytes >= 1)) {
    throw invalid(scheme, `minimumSecretBytes must be a whole number of at least 1, not ${minimumSecretBytes}`)
  }
  const legacy = scheme.carriers.flatMap((carrier) => carrier.legacy ?? [])
  if (allowLegacy !== undefined && !legacy.includes(allowLegacy)) {
    throw invalid(scheme, `allowLegacy must be one of [${legacy.join(', ')}], not ${JSON.stringify(allowLegacy)}`)
  }
}

function verificationKey(secret: string, scheme: Scheme, where: string, minimumBytes: number | undefined): SecretKey {
  const key = decodeSecret(secret, scheme, where, minimumBytes)
  const variants = scheme.carriers.flatMap((carrier) => carrier.variants)
  if (variants.some(({ algorithm }) => algorithms[algorithm].verifiesWith === key.kind)) return key
  throw new ConfigurationError(
    'invalid-option',
    `${where} is a signing key; to verify, give the public key that belongs to it`,
  )
}

function invalid(scheme: Scheme, message: string): ConfigurationError {
  return new ConfigurationError('invalid-option', `${scheme.name}: ${message}`)
}
