import { ConfigurationError } from '@latchkey/core'
import { linkToIoredis } from './ioredis-link.js'
import { isMethod, type Link, type Methods } from './link.js'
import { linkToNodeRedis, linkToNodeRedisCluster } from './node-redis-link.js'

/** One part of a command, from its name on. */
export type RedisArgument = string | Buffer

/** `Redis` or `Cluster` of ioredis, as far as the store uses it. */
export interface IoredisClient {
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>
}

/** What `createClient()` or `createClientPool()` of node-redis 5 or newer makes, as far as the store uses it. */
export interface NodeRedisClient {
  sendCommand(args: RedisArgument[], options?: NodeRedisCommandOptions): Promise<unknown>
}

/** What `createCluster()` of node-redis 5 or newer makes, as far as the store uses it. */
export interface NodeRedisCluster {
  readonly masters: readonly unknown[]
  sendCommand(
    firstKey: RedisArgument | undefined,
    isReadonly: boolean | undefined,
    args: RedisArgument[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>
}

export interface NodeRedisCommandOptions {
  readonly typeMapping?: { readonly 36?: typeof Buffer; readonly 61?: typeof Buffer }
  readonly abortSignal?: AbortSignal
  readonly chainId?: symbol
}

export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisCluster

/** Recognises the client by its methods. What does not fit is refused by what it is. */
export function linkTo(client: unknown, option = 'client'): Link {
  if (!refusedAtOnce(client)) {
    if (isMethod(client, 'callBuffer') && client.isPipeline !== true) return linkToIoredis(client)
    // Older majors have no type mapping, and one of a sentinel takes other arguments.
    if (['sendCommand', 'connect', 'withTypeMapping'].every((name) => isMethod(client, name))) {
      if (isMethod(client, 'nodeClient')) return linkToNodeRedisCluster(client)
      if (!isMethod(client, 'getSentinelNode')) return linkToNodeRedis(client as Methods)
    }
  }
  throw new ConfigurationError(
    'unsupported-client',
    `redisStore: "${option}" must be a Redis or Cluster of ioredis, or what createClient, createClientPool or createCluster of ` +
      `redis 5 or newer made, it is ${named(client)}`,
  )
}

function refusedAtOnce(client: unknown): client is null | undefined | string | number | boolean | symbol | bigint {
  return client === null || (typeof client !== 'object' && typeof client !== 'function')
}

function named(client: unknown): string {
  if (refusedAtOnce(client)) return client === null ? 'null' : typeof client
  if (isMethod(client, 'getSentinelNode')) return 'a sentinel client'
  if (isMethod(client, 'sendCommand') && !isMethod(client, 'withTypeMapping'))
    return 'a client of an older version, or a part of a client'
  return `an object of class ${client?.constructor?.name ?? '(none)'}`
}
