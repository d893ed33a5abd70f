import type { Observe, Store } from '@latchkey/core'
import { Rates } from '../rates.js'
import { Subscription } from '../subscription.js'
import { type RedisStoreEvent, type RedisWarning, tellOf, toldWarnings } from './check.js'
import type { RedisClient } from './client.js'
import { Connection } from './connection.js'
import { storeError } from './fault.js'
import { RedisIdempotencyStore } from './idempotency.js'
import { keyLines } from './key-line.js'
import { RedisKeyStore } from './keys.js'
import { redisWindows } from './rates.js'
import { RedisReplayStore } from './replay.js'
import type { ReplicaOptions } from './replicas.js'
import { redisSettings } from './settings.js'
import { RedisTokenStore } from './tokens.js'

export type { RedisStoreEvent, RedisWarning } from './check.js'
export type {
  IoredisClient,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisCommandOptions,
  RedisArgument,
  RedisClient,
} from './client.js'
export type { ReplicaOptions } from './replicas.js'

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
   * How long an operation of this store may take, in seconds, 0.01 to 60. Then it is rejected as a timeout: what the client has not
   * sent by then is not sent any more, what it has sent may still be carried out. Longer than the times that guards give the store.
   *
   * @defaultValue `5`
   */
  readonly operationTimeoutSeconds?: number
  /**
   * How many operations of this store the client may hold without an answer, 1 to 1000000, also those that have been given up.
   * Beyond, the store is unavailable, and guards answer 503: a client whose server is silent would queue without end.
   *
   * @defaultValue `10000`
   */
  readonly maxPendingOperations?: number
  /**
   * Lets a write count only when so many replicas have acknowledged it, with `WAIT` behind it in the same round trip; else it is
   * unavailable, and guards answer 503. A claim, a reply, a revocation then outlive their master where a replica that has
   * acknowledged them is promoted. Not with a Cluster.
   */
  readonly replicas?: ReplicaOptions
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
  const { link, keyPrefix, subscriber, observe, ...settings } = redisSettings(options)
  const check = () => toldWarnings(connection, observe)
  const onFirstUse = () => {
    if (observe === undefined) return
    check().catch((error: unknown) => tellOf({ type: 'redis.check_failed', error }, observe))
  }
  const connection = new Connection(link, { ...settings, onFirstUse })
  const channel = `${link.ownPrefix}${keyPrefix}keys`
  const changes = new Subscription(() => keyLines(subscriber, channel), storeError)
  return {
    keys: new RedisKeyStore(connection, keyPrefix, channel, changes),
    rates: new Rates(redisWindows(connection, keyPrefix)),
    idempotency: new RedisIdempotencyStore(connection, keyPrefix),
    replay: new RedisReplayStore(connection, keyPrefix),
    tokens: new RedisTokenStore(connection, keyPrefix),
    check,
    close: async () => {
      changes.close()
      connection.close()
    },
  }
}
