import { type Awaitable, ConfigurationError } from '@latchkey/core'
import type { Claim } from './claim.js'
import { isVerificationKey, type VerificationKey } from './key.js'

/** What a message says about the key that it was signed with. Nothing of it is verified. */
export interface WantedKey {
  readonly keyid: string | undefined
  readonly alg: string | undefined
  readonly tag: string | undefined
  readonly label: string
}

type FoundKeys = VerificationKey | readonly VerificationKey[] | null | undefined

/**
 * Finds the keys for one signature. `undefined`, `null` or an empty list: there are none, 401. A throw, a rejection or no answer in
 * time: 503.
 */
export type KeyResolver = (wanted: WantedKey) => Awaitable<FoundKeys>

/**
 * Where keys come from: one, a list of which any may match (a rotation is a list of two), a map by key id, a resolver, or `jwks`.
 * Never from the message itself.
 */
export type VerificationKeys =
  | VerificationKey
  | readonly VerificationKey[]
  | ReadonlyMap<string, VerificationKey | readonly VerificationKey[]>
  | KeyResolver

/** @throws ConfigurationError where there is no key. */
export function keyResolver(keys: VerificationKeys, factory: string): KeyResolver {
  if (typeof keys === 'function') return keys
  if (keys instanceof Map) {
    for (const found of keys.values()) checkedKeys(found, factory)
    return ({ keyid }) => (keyid === undefined ? undefined : keys.get(keyid))
  }
  const list = checkedKeys(keys as VerificationKey | readonly VerificationKey[], factory)
  return () => list
}

/**
 * What a resolver finds for a claim.
 *
 * @throws ConfigurationError where it is no key; and whatever the resolver throws.
 */
export async function foundKeys(resolve: KeyResolver, claim: Claim): Promise<readonly VerificationKey[]> {
  const { keyid, alg, tag, label } = claim
  const found = await resolve({ keyid, alg, tag, label })
  return found === null || found === undefined ? [] : checkedKeys(found, 'keys', 0)
}

/** The keys that may have signed what a claim says; those of another name or for another algorithm cannot. */
export function fittingKeys(
  found: readonly VerificationKey[],
  { keyid, alg }: Claim,
  algorithms: ReadonlySet<string>,
): readonly VerificationKey[] | 'unknown-key' | 'wrong-algorithm' {
  const named = found.filter((key) => key.keyid === undefined || keyid === undefined || key.keyid === keyid)
  if (named.length === 0) return 'unknown-key'
  const fitting = named.filter(({ algorithm }) => algorithms.has(algorithm) && (alg === undefined || alg === algorithm))
  return fitting.length === 0 ? 'wrong-algorithm' : fitting
}

function checkedKeys(
  found: VerificationKey | readonly VerificationKey[],
  factory: string,
  least = 1,
): readonly VerificationKey[] {
  const list: readonly VerificationKey[] = Array.isArray(found) ? found : [found]
  if (list.length >= least && list.every(isVerificationKey)) return list
  throw new ConfigurationError(
    'invalid-option',
    `${factory}: "keys" must be what verificationKey() makes: one or several, a Map of them by key id, or a function`,
  )
}
