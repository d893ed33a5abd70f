import type { Deadline } from '../deadlines.js'
import type { NodeRedisClient, NodeRedisCluster, NodeRedisCommandOptions, RedisArgument } from './client.js'
import { isMethod, type Link, type Methods, type Send, type Sent } from './link.js'

/** What a pool lends: one of its connections, until the work has ended. */
interface Pool {
  execute<Answer>(work: (client: NodeRedisClient) => Promise<Answer>): Promise<Answer>
}

export function linkToNodeRedis(recognised: Methods): Link {
  const client = recognised as unknown as NodeRedisClient
  const send = senderTo(client)
  return {
    // Commands in their raw form do not get the client's own prefix.
    ownPrefix: '',
    send: (_, command, deadline) => send(command, deadline),
    masters: async () => [send],
    together: (commands) =>
      isMethod(client, 'execute')
        ? (client as unknown as Pool).execute((lent) => sendTogether(lent, commands))
        : sendTogether(client, commands),
  }
}

interface ClusterWithNodes extends NodeRedisCluster {
  nodeClient(node: unknown): NodeRedisClient | Promise<NodeRedisClient>
}

export function linkToNodeRedisCluster(recognised: Methods): Link {
  const cluster = recognised as unknown as ClusterWithNodes
  return {
    ownPrefix: '',
    send: (key, command, deadline) => cluster.sendCommand(key, false, [...command], optionsWith(deadline)),
    masters: async () => {
      const nodes = await Promise.all(cluster.masters.map((node) => cluster.nodeClient(node)))
      return nodes.map(senderTo)
    },
  }
}

/** Commands of one chain are written in one go; where a connection breaks within, the rest of the chain fails with it. */
function sendTogether(client: NodeRedisClient, commands: readonly Sent[]) {
  const chainId = Symbol('Latchkey')
  return Promise.allSettled(
    commands.map(({ command, deadline }) => client.sendCommand([...command], { ...optionsWith(deadline), chainId })),
  )
}

function senderTo(client: NodeRedisClient): Send {
  return (command: readonly RedisArgument[], deadline) => client.sendCommand([...command], optionsWith(deadline))
}

/** Blob strings and verbatim strings as bytes, by the first characters of RESP types, as node-redis names them. */
function optionsWith(deadline: Deadline | undefined): NodeRedisCommandOptions {
  const typeMapping = { 36: Buffer, 61: Buffer }
  return deadline === undefined ? { typeMapping } : { typeMapping, abortSignal: deadline.signal }
}
