import { ConfigurationError } from '@latchkey/core'

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
}

export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisCluster

/** Sends one command to one server, and answers with the reply, texts in it as bytes. */
export type Send = (command: readonly RedisArgument[]) => Promise<unknown>

/** What the store makes of each client. */
export interface Link {
  /** To the master that serves this key. */
  send(key: string, command: readonly RedisArgument[]): Promise<unknown>
  /** All masters there are. */
  masters(): Promise<readonly Send[]>
  /** What the client itself puts before the keys of a command, but not before a pattern. */
  readonly ownPrefix: string
}

export type Methods = Readonly<Record<string, unknown>>

/** Recognises the client by its methods. What does not fit is refused by what it is. */
export function linkTo(client: unknown, option = 'client'): Link {
  if (!refusedAtOnce(client)) {
    if (isMethod(client, 'callBuffer') && client.isPipeline !== true) return linkToIoredis(client)
    // Older majors have no type mapping, and one of a sentinel takes other arguments.
    if (['sendCommand', 'connect', 'withTypeMapping'].every((name) => isMethod(client, name))) {
      if (isMethod(client, 'nodeClient')) return linkToNodeRedisCluster(client as unknown as ClusterWithNodes)
      if (!isMethod(client, 'getSentinelNode')) return linkToNodeRedis(client as unknown as NodeRedisClient)
    }
  }
  throw new ConfigurationError(
    'unsupported-client',
    `redisStore: "${option}" must be a Redis or Cluster of ioredis, or what createClient, createClientPool or createCluster of ` +
      `redis 5 or newer made, it is ${named(client)}`,
  )
}

function linkToIoredis(client: Methods): Link {
  const sender =
    (node: Methods): Send =>
    ([name, ...args]) =>
      (node as unknown as IoredisClient).callBuffer(String(name), ...args)
  const send = sender(client)
  const { keyPrefix } = (client.options ?? {}) as { keyPrefix?: unknown }
  return {
    send: (_, command) => send(command),
    masters: async () => {
      if (!isMethod(client, 'nodes')) return [send]
      return (client as unknown as { nodes(role: 'master'): Methods[] }).nodes('master').map(sender)
    },
    ownPrefix: typeof keyPrefix === 'string' ? keyPrefix : '',
  }
}

/** Blob strings and verbatim strings as bytes, by the first characters of RESP types, as node-redis names them. */
function asBytes(): NodeRedisCommandOptions {
  return { typeMapping: { 36: Buffer, 61: Buffer } }
}

function linkToNodeRedis(client: NodeRedisClient): Link {
  const options = asBytes()
  const send: Send = (command) => client.sendCommand([...command], options)
  // Commands in their raw form do not get the client's own prefix.
  return { send: (_, command) => send(command), masters: async () => [send], ownPrefix: '' }
}

interface ClusterWithNodes extends NodeRedisCluster {
  nodeClient(node: unknown): NodeRedisClient | Promise<NodeRedisClient>
}

function linkToNodeRedisCluster(cluster: ClusterWithNodes): Link {
  const options = asBytes()
  return {
    send: (key, command) => cluster.sendCommand(key, false, [...command], options),
    masters: async () => {
      const nodes = await Promise.all(cluster.masters.map((node) => cluster.nodeClient(node)))
      return nodes.map((node) => (command) => node.sendCommand([...command], options))
    },
    ownPrefix: '',
  }
}

function refusedAtOnce(client: unknown): client is null | undefined | string | number | boolean | symbol | bigint {
  return client === null || (typeof client !== 'object' && typeof client !== 'function')
}

export function isMethod(client: unknown, name: string): client is Methods {
  return typeof (client as Methods)[name] === 'function'
}

function named(client: unknown): string {
  if (refusedAtOnce(client)) return client === null ? 'null' : typeof client
  if (isMethod(client, 'getSentinelNode')) return 'a sentinel client'
  if (isMethod(client, 'sendCommand') && !isMethod(client, 'withTypeMapping'))
    return 'a client of an older version, or a part of a client'
  return `an object of class ${client?.constructor?.name ?? '(none)'}`
}
