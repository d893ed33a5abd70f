import { fillRandom } from '../crypto.js'
import { ConfigurationError } from '../errors.js'
import type { Awaitable } from '../guard.js'
import { tell } from '../observe.js'
import { OptionReader } from '../option-reader.js'
import { type ApiKeyInfo, apiKeyInfo } from './api-key-info.js'
import { type ApiKeysOptions, apiKeysSettings } from './api-keys-options.js'
import { keyHasher } from './digest.js'
import { isKeyId, mintKey } from './grammar.js'
import { type ChosenColumns, isLine, type NewApiKey, readNewApiKey } from './new-api-key.js'
import type { KeyDigest, KeyQuery, KeyRecord } from './store.js'
import type { Verification } from './verification.js'
import { keyVerifier } from './verifier.js'

/** A new key. */
export interface IssuedApiKey {
  /**
   * The key itself, this once: the store has its digest alone. The property is not enumerable, so that logging or
   * serialising the whole object does not show it; read it by name.
   */
  readonly key: string
  readonly info: ApiKeyInfo
}

/** A page of keys, in the order of their ids. */
export interface ApiKeyPage {
  readonly ownerId?: string
  /** Only keys after this id: the last one of the page before. */
  readonly after?: string
  /** 1 to 1000. @defaultValue `100` */
  readonly limit?: number
}

/** API keys and their life. What the store rejects with is passed on. */
export interface ApiKeys<Scope extends string = string> {
  /** The prefix of new keys, and those of older ones. */
  readonly prefixes: readonly string[]
  readonly environments: readonly string[]
  /** Makes a key and stores its digest. The key is in the answer and nowhere else. */
  issue(key: NewApiKey<Scope>): Promise<IssuedApiKey>
  /**
   * Who presents this key, if it is valid now. What has not the shape of a key costs neither a hash nor a read; all else
   * costs one read. Answers at once where the store does. It does not look at environment and scopes: that is the guard's.
   *
   * @throws `StoreError` (or rejects) where the store or the key's pepper is not there: the key is neither right nor wrong.
   */
  verify(key: string): Awaitable<Verification<Scope>>
  get(id: string): Promise<ApiKeyInfo | undefined>
  list(page?: ApiKeyPage): Promise<ApiKeyInfo[]>
  /** Ends the key for good, from its next verification on. The first revocation stands. `false`: there is no such key. */
  revoke(id: string, reason?: string): Promise<boolean>
  /** Suspends the key until it is enabled. `false`: there is no such key. */
  disable(id: string): Promise<boolean>
  /** Lets a disabled key be used again; a revoked one stays revoked. `false`: there is no such key. */
  enable(id: string): Promise<boolean>
}

/** Ids are random: a collision is news, and two in a row mean that the source of randomness repeats itself. */
const mostAttempts = 3

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
  const { store, prefixes, environments, peppers, now, random = fillRandom, observe } = apiKeysSettings(options)
  const prefix = prefixes[0]!
  const hasher = keyHasher(peppers)

  const setDisabled = async (id: string, disabledAtMs: number | null): Promise<boolean> => {
    const isDone = isKeyId(id) && (await store.setDisabled(id, disabledAtMs))
    if (isDone) tell(observe, { type: disabledAtMs === null ? 'api-key.enabled' : 'api-key.disabled', keyId: id })
    return isDone
  }

  return {
    prefixes,
    environments,
    issue: async (input) => {
      const createdAtMs = now()
      const chosen = readNewApiKey(input, environments, createdAtMs)
      for (let attempt = 0; attempt < mostAttempts; attempt++) {
        const { id, key } = mintKey(prefix, chosen.environment, random)
        const record = newRecord(id, prefix, hasher.hash(key), chosen, createdAtMs)
        if ((await store.insert(record)) !== 'ok') continue
        tell(observe, { type: 'api-key.issued', keyId: id, ownerId: record.ownerId, environment: record.environment })
        return issued(key, record)
      }
      throw new ConfigurationError('invalid-option', 'apiKeys: "random" repeats itself: every id that it gave is taken')
    },
    verify: keyVerifier<Scope>({ store, prefixes, hasher, now, onUse: () => undefined }),
    get: async (id) => {
      const record = isKeyId(id) ? await store.find(id) : undefined
      return record ? apiKeyInfo(record) : undefined
    },
    list: async (page = {}) => (await store.list(readPage(page))).map(apiKeyInfo),
    revoke: async (id, reason) => {
      const why = readReason(reason)
      const isDone = isKeyId(id) && (await store.revoke(id, now(), why))
      if (isDone) tell(observe, { type: 'api-key.revoked', keyId: id, reason: why })
      return isDone
    },
    disable: (id) => setDisabled(id, now()),
    enable: (id) => setDisabled(id, null),
  }
}

function newRecord(
  id: string,
  prefix: string,
  digest: KeyDigest,
  chosen: ChosenColumns,
  createdAtMs: number,
): KeyRecord {
  return Object.freeze({
    ...{ id, lookup: null, prefix, ...digest, ...chosen, createdAtMs, meterId: id },
    ...{ allowedIps: null, rateLimit: null, quota: null, idleSeconds: null, lastUsedAtMs: null },
    ...{ rotatedTo: null, rotatedFrom: null, graceOnUseSeconds: null },
    ...{ disabledAtMs: null, revokedAtMs: null, revocationReason: null },
  })
}

/** A getter: not even an inspection of hidden properties (`%o`) shows what it answers. */
function issued(key: string, record: KeyRecord): IssuedApiKey {
  return Object.defineProperty({ info: apiKeyInfo(record) } as IssuedApiKey, 'key', { get: () => key })
}

function readPage(page: ApiKeyPage): KeyQuery {
  const read = new OptionReader('list', page, ['ownerId', 'after', 'limit'])
  const ownerId = read.optional('ownerId', 'a text of 1 to 255 characters', isLine)
  const after = read.optional('after', 'the id of a key', isKeyId)
  const limit = read.integer('limit', 100, 1, 1000)
  return { limit, ...(ownerId !== undefined && { ownerId }), ...(after !== undefined && { after }) }
}

function readReason(reason: string | undefined): string | null {
  if (reason === undefined || isLine(reason)) return reason ?? null
  throw new ConfigurationError('invalid-option', 'revoke: "reason" must be a text of 1 to 255 characters')
}
