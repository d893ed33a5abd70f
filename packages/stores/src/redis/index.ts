import { ConfigurationError, type Observe, type Store } from '@latchkey/core'
import { Subscription } from '../subscription.js'
import { type RedisStoreEvent, type RedisWarning, tellOf, toldWarnings } from './check.js'
import { linkTo, type RedisClient } from './client.js'
import { Connection } from './connection.js'
import { storeError } from './fault.js'
import { RedisIdempotencyStore } from './idempotency.js'
import { keyLines } from './key-line.js'
import { RedisKeyStore } from './keys.js'
import { RedisReplayStore } from './replay.js'

export type { RedisStoreEvent, RedisWarning } from './check.js'
export type {
  IoredisClient,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisCommandOptions,
  RedisArgument,
  RedisClient,
} from './client.js'

/** Which Redis, and where in it. */
export interface RedisStoreOptions {
  /**
   * A client that the application has made and closes itself: `Redis` or `Cluster` of ioredis, or what `createClient`,
   * `createClientPool` or `createCluster` of redis 5 or newer makes. Its own settings decide how long a command may wait: see the
   * documentation of the store.
   *
   * @remarks Insecure if the server evicts keys: see {@link RedisStore.check}.
   */
  readonly client: RedisClient
  /**
   * A client like those that `client` can be, to subscribe on a connection like its own, which it need not have open itself. Only what
   * watches keys subscribes, such as the cache of `apiKeys`; needed where `client` cannot be duplicated, which a pool cannot.
   *
   * @defaultValue `client`
   */
  readonly subscriber?: RedisClient
  /**
   * Opens the name of every key, so that several services can share a server: 1 to 100 characters of visible ASCII, no braces.
   *
   * @defaultValue `'latchkey:'`
   */
  readonly keyPrefix?: string
  /**
   * How many operations of this store may wait for an answer at once, 1 to 1000000. Beyond, the store is unavailable, and guards
   * answer 503: a client whose server is silent would queue without end.
   *
   * @defaultValue `10000`
   */
  readonly maxPendingOperations?: number
  /**
   * Told of what {@link RedisStore.check} finds. With an observer the store checks by itself, once, when it is first used.
   */
  readonly observe?: Observe<RedisStoreEvent>
}

/** {@link Store} in Redis. */
export interface RedisStore extends Store {
  /**
   * Looks whether the servers are fit to hold records, and answers with what is not as it should be. Call it at start, so that a
   * service without its store does not start.
   *
   * @throws `StoreError` where a server cannot be asked.
   */
  check(): Promise<readonly RedisWarning[]>
}

const optionNames: readonly string[] = ['client', 'subscriber', 'keyPrefix', 'maxPendingOperations', 'observe']

/**
 * Every store contract in Redis 6.2 or newer, or Valkey, single or Cluster: for services of many processes on many machines. Each
 * operation is one script, by the server's clock. Records expire by themselves; API keys never do.
 *
 * @throws `ConfigurationError` where the options or the client do not fit.
 *
 * @example
 * ```ts
 * import { redisStore } from '@latchkey/stores/redis'
 * import { Redis } from 'ioredis'
 *
 * const client = new Redis('redis://localhost', { commandTimeout: 900, maxRetriesPerRequest: 1 })
 * const store = redisStore({ client })
 * ```
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  for (const name of Object.keys(options ?? {})) {
    if (!optionNames.includes(name)) {
      throw new ConfigurationError('invalid-option', `redisStore: there is no option "${name}"`)
    }
  }
  const { client, subscriber, keyPrefix = 'latchkey:', maxPendingOperations = 10_000, observe } = options ?? {}
  if (typeof keyPrefix !== 'string' || !/^[!-z|~]{1,100}$/.test(keyPrefix)) {
    throw invalid('keyPrefix', '1 to 100 characters of visible ASCII, no braces', keyPrefix)
  }
  if (!(Number.isInteger(maxPendingOperations) && maxPendingOperations >= 1 && maxPendingOperations <= 1_000_000)) {
    throw invalid('maxPendingOperations', 'a whole number from 1 to 1000000', maxPendingOperations)
  }
  if (observe !== undefined && typeof observe !== 'function') throw invalid('observe', 'a function', observe)
  const check = () => toldWarnings(connection, observe)
  const checkOnce = () => {
    if (observe === undefined) return
    check().catch((error: unknown) => tellOf({ type: 'redis.check_failed', error }, observe))
  }
  const link = linkTo(client)
  const connection = new Connection(link, maxPendingOperations, checkOnce)
  const channel = `${link.ownPrefix}${keyPrefix}keys`
  if (subscriber !== undefined) linkTo(subscriber, 'subscriber')
  const changes = new Subscription(() => keyLines(subscriber ?? client, channel), storeError)
  return {
    keys: new RedisKeyStore(connection, keyPrefix, channel, changes),
    idempotency: new RedisIdempotencyStore(connection, keyPrefix),
    replay: new RedisReplayStore(connection, keyPrefix),
    check,
    close: async () => {
      changes.close()
      connection.close()
    },
  }
}

function invalid(name: string, expected: string, value: unknown): ConfigurationError {
  const came = typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeof value
  return new ConfigurationError('invalid-option', `redisStore: "${name}" must be ${expected}, it is ${came}`)
}
