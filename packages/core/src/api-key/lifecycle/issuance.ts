import { ConfigurationError } from '../../errors.js'
import type { Awaitable } from '../../guard.js'
import { tell } from '../../observe.js'
import { shown } from '../../option-reader.js'
import type { ApiKeysSettings } from '../api-keys-options.js'
import type { KeyHasher } from '../key/digest.js'
import { underFreshId } from '../key/fresh-id.js'
import { mintKey } from '../key/grammar.js'
import { type IssuedApiKey, issuedKey, newRecord } from '../key/issued-key.js'
import { ApiKeyLifecycleError } from './lifecycle-error.js'
import { type NewApiKey, readNewApiKey } from './new-api-key.js'

/** Most active keys that an owner may have: for all the same, or asked for each; `undefined`: any number. */
export type MaxActiveKeys = number | ((ownerId: string) => Awaitable<number | undefined>)

/** Makes keys. */
export function keyIssuance<Scope extends string>(
  settings: ApiKeysSettings,
  hasher: KeyHasher,
): (input: NewApiKey<Scope>) => Promise<IssuedApiKey> {
  const { store, prefixes, now, random, observe } = settings
  const prefix = prefixes[0]!
  return async (input) => {
    const createdAtMs = now()
    const chosen = readNewApiKey(input, settings, createdAtMs)
    const { ownerId, environment } = chosen
    const maxActive = await activeLimit(settings.maxActiveKeys, ownerId)
    return underFreshId(async () => {
      const { id, key } = mintKey(prefix, environment, random)
      const record = newRecord({ id, lookup: null, prefix, ...hasher.hash(key) }, chosen, createdAtMs)
      const insertion = await store.insert(record, maxActive)
      if (insertion === 'full') throw new ApiKeyLifecycleError('too-many-keys')
      if (insertion === 'taken') return insertion
      tell(observe, { type: 'api-key.issued', keyId: id, ownerId, environment })
      return issuedKey(key, record)
    })
  }
}

/** How many active keys this owner may have. */
export async function activeLimit(limit: MaxActiveKeys | undefined, ownerId: string): Promise<number | undefined> {
  const most = typeof limit === 'function' ? await limit(ownerId) : limit
  if (most === undefined || isCount(most)) return most
  throw new ConfigurationError(
    'invalid-option',
    `apiKeys: "maxActiveKeys" must give a whole number from 0 up, or undefined, it gave ${shown(most)}`,
  )
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
