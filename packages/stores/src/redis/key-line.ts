import { ConfigurationError, randomBelow } from '@latchkey/core'
import type { Line, Listener, OpenLine } from '../subscription.js'
import { isMethod, type Methods } from './link.js'

/** A connection of ioredis that subscribes. */
interface IoredisConnection {
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  on(event: 'error' | 'close', listener: (error?: unknown) => void): unknown
  connect(): Promise<unknown>
  subscribe(channel: string): Promise<unknown>
  ping(): Promise<unknown>
  disconnect(): void
}

/** A connection of node-redis that subscribes. */
interface NodeRedisConnection {
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown
  connect(): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  ping(): Promise<unknown>
  destroy(): void
}

/**
 * Subscribes on connections like those of the client, and in a Cluster like those to one of its masters: what is published on one
 * node is heard on all. A connection that is lost is not waited for; the next one is new.
 */
export function keyLines(client: unknown, channel: string): OpenLine {
  const source = client as Methods
  if (isMethod(source, 'callBuffer') && isMethod(source, 'duplicate')) {
    return (listener) => ioredisLine(source, channel, listener)
  }
  if (isMethod(source, 'nodeClient') || (isMethod(source, 'duplicate') && isMethod(source, 'subscribe'))) {
    return (listener) => nodeRedisLine(source, channel, listener)
  }
  throw new ConfigurationError(
    'unsupported-client',
    'redisStore: changes of keys cannot be heard through this client, since it cannot be duplicated: hand one that can be, such as ' +
      'what createClient makes, over as "subscriber"',
  )
}

function ioredisLine(client: Methods, channel: string, listener: Listener): Line {
  // A prefix of the client's own stands in the channel already. A subscription that is silent is found out by its pings.
  const settings = { lazyConnect: true, keyPrefix: '', socketTimeout: undefined }
  let connection: IoredisConnection | undefined
  const open = async () => {
    const node = isMethod(client, 'nodes') ? oneOf(call<readonly Methods[]>(client, 'nodes', 'master')) : client
    connection = call<IoredisConnection>(node, 'duplicate', settings)
    connection.on('error', listener.lost)
    connection.on('close', listener.lost)
    connection.on('message', (_, id) => listener.changed(id))
    await connection.connect()
    await connection.subscribe(channel)
  }
  return { opened: open(), ping: () => connection!.ping(), end: () => connection?.disconnect() }
}

function nodeRedisLine(client: Methods, channel: string, listener: Listener): Line {
  let connection: NodeRedisConnection | undefined
  let isEnded = false
  const open = async () => {
    const node = isMethod(client, 'nodeClient')
      ? await call<Promise<Methods>>(client, 'nodeClient', oneOf(client.masters as readonly unknown[]))
      : client
    if (isEnded) return
    connection = call<NodeRedisConnection>(node, 'duplicate')
    connection.on('error', listener.lost)
    connection.on('end', listener.lost)
    await connection.connect()
    await connection.subscribe(channel, listener.changed)
  }
  const end = () => {
    isEnded = true
    try {
      connection?.destroy()
    } catch {
      // It has ended by itself.
    }
  }
  return { opened: open(), ping: () => connection!.ping(), end }
}

function call<Answer>(object: Methods, name: string, ...args: readonly unknown[]): Answer {
  return (object as Readonly<Record<string, (...args: readonly unknown[]) => Answer>>)[name]!(...args)
}

function oneOf<Node>(nodes: readonly Node[]): Node {
  if (nodes.length === 0) throw new Error('The Cluster has no master')
  return nodes[randomBelow(nodes.length)]!
}
