import type { Awaitable } from '../guard.js'
import { type ApiKeysOptions, apiKeysSettings } from './api-keys-options.js'
import type { ApiKeyInfo } from './key/api-key-info.js'
import { keyHasher } from './key/digest.js'
import { hasPrefix } from './key/grammar.js'
import { keyIdentification } from './key/identification.js'
import type { IssuedApiKey } from './key/issued-key.js'
import { legacyRecogniser } from './key/legacy-recogniser.js'
import { keyIdentifier } from './key/presented-key.js'
import type { ImportedApiKey } from './lifecycle/imported-key.js'
import { keyIssuance } from './lifecycle/issuance.js'
import { type ImportOptions, type ImportResult, keyImport } from './lifecycle/key-import.js'
import { type KeyKeeping, keyKeeping } from './lifecycle/key-keeping.js'
import type { NewApiKey } from './lifecycle/new-api-key.js'
import { keyRotation, type RotationOptions } from './lifecycle/rotation.js'
import { keyUse } from './use/key-use.js'
import { KeyCache } from './verification/key-cache.js'
import type { KeyOrigin, KeyRequirements } from './verification/requirements.js'
import type { Verification } from './verification/verification.js'
import { keyVerifier } from './verification/verifier.js'

/** API keys and their life. What the store rejects with is passed on. */
export interface ApiKeys<Scope extends string = string> extends KeyKeeping<Scope> {
  /** The prefix of new keys, and those of older ones. */
  readonly prefixes: readonly string[]
  readonly environments: readonly string[]
  /** Whether a credential means to be one of these keys: it is under one of the prefixes, or a legacy key. */
  recognises(credential: string): boolean
  /**
   * Makes a key and stores its digest. The key is in the answer and nowhere else.
   *
   * @throws {@link ApiKeyLifecycleError} `too-many-keys` by rejection; ConfigurationError naming what does not fit.
   */
  issue(key: NewApiKey<Scope>): Promise<IssuedApiKey>
  /**
   * Who presents this key, if it may be used now, in this way and from there. It is then used: counted against its rate limit,
   * taken off its quota, noted as its last use. What has not the shape of a key costs neither a hash nor a read; all else costs
   * one read, or none where the `cache` has the record; a limit and a quota cost one call each. Answers at once where the store does.
   * A key that is bound to addresses is refused where the origin is not known.
   *
   * @throws `StoreError` (or rejects) where the store or the key's pepper is not there: the key is neither right nor wrong; what
   * `ownerStatus` throws. ConfigurationError naming what of the requirements does not fit.
   */
  verify(key: string, requirements?: KeyRequirements<Scope>, origin?: KeyOrigin): Awaitable<Verification<Scope>>
  /**
   * Which key this is, if its secret is right, and whatever has become of it; `undefined`: none. It is not used: nothing is counted,
   * spent or noted. For keys that were found somewhere, or that somebody asks about, and never for letting anybody in.
   *
   * @throws `StoreError` (or rejects) as {@link ApiKeys.verify} does.
   */
  identify(key: string): Awaitable<ApiKeyInfo | undefined>
  /**
   * Puts a new key in the place of this one, with all that it has, disabled or not; the two share one rate limit and one quota.
   * The old key ends after a grace, or at its own end where that comes first. Of any number of rotations of one key one succeeds.
   *
   * @throws {@link ApiKeyLifecycleError} by rejection: `absent`, `revoked`, `expired` or `rotated`.
   */
  rotate(id: string, options?: RotationOptions): Promise<IssuedApiKey>
  /**
   * Takes over keys of which only hashes are there: row by row, as the results are iterated over, and only then. Rows may come
   * from a stream; a bad one is a result like any other. Done again it finds what it has imported before.
   *
   * @throws ConfigurationError where `legacy` is not set.
   */
  import(
    rows: Iterable<ImportedApiKey<Scope>> | AsyncIterable<ImportedApiKey<Scope>>,
    options?: ImportOptions,
  ): AsyncGenerator<ImportResult, void, undefined>
  /**
   * Resolves when all that goes on beside requests is written: call it before the store is closed. Never rejects; what cannot be
   * written is told to `observe`.
   */
  flush(): Promise<void>
}

/**
 * API keys in a store.
 *
 * @example
 * ```ts
 * import { apiKeys, memoryStore } from '@latchkey/core'
 *
 * const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
 * const { key, info } = await keys.issue({ ownerId: 'org_1', environment: 'live', scopes: ['payments:read'] })
 * console.log(`Shown this once: ${key}. Known as ${info.display}.`)
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function apiKeys<Scope extends string = string>(options: ApiKeysOptions): ApiKeys<Scope> {
  const settings = apiKeysSettings(options)
  const { store, prefixes, environments, peppers, cache, observe } = settings
  const hasher = keyHasher(peppers)
  const legacy = legacyRecogniser(settings.legacy, hasher)
  const identify = keyIdentifier(prefixes, hasher, legacy)
  const { onUse, seen, flush } = keyUse(settings, hasher, identify)
  const records = cache === undefined ? store : new KeyCache(store, { ...cache, observe })
  return {
    prefixes,
    environments,
    recognises: (credential) => hasPrefix(credential, prefixes) || legacy.isLegacy(credential),
    issue: keyIssuance<Scope>(settings, hasher),
    verify: keyVerifier<Scope>({ ...settings, records, identify, seen, onUse }),
    identify: keyIdentification(store, identify),
    ...keyKeeping<Scope>(settings),
    rotate: keyRotation(settings, hasher, seen),
    import: keyImport<Scope>(settings, hasher, legacy),
    flush,
  }
}
