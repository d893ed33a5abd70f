import type { RedisClient } from '@latchkey/stores/redis'
import { Cluster, Redis } from 'ioredis'
import { createCluster } from 'redis'
import { type RedisServer, startRedis } from './redis-server.js'

const slots = Array.from({ length: 16_384 }, (_, slot) => String(slot))

export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  /** A command to every node. */
  admin(...command: string[]): Promise<unknown[]>
  remove(): Promise<void>
}

/** Two masters, half of the slots each. */
export async function startCluster(): Promise<RedisCluster> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '5000']
  const nodes = await Promise.all([startRedis(...settings), startRedis(...settings)])
  const clients = nodes.map(({ url }) => new Redis(url))
  const [one, two] = clients as [Redis, Redis]
  await one.call('CLUSTER', 'ADDSLOTS', ...slots.slice(0, 8192))
  await two.call('CLUSTER', 'ADDSLOTS', ...slots.slice(8192))
  await two.call('CLUSTER', 'SET-CONFIG-EPOCH', '2')
  await one.call('CLUSTER', 'MEET', '127.0.0.1', String(nodes[1]!.port))
  for (const client of clients) await untilWhole(client)
  return {
    nodes,
    admin: (name, ...args) => Promise.all(clients.map((client) => client.call(name!, ...args))),
    remove: async () => {
      for (const client of clients) client.disconnect()
      for (const node of nodes) await node.remove()
    },
  }
}

async function untilWhole(client: Redis): Promise<void> {
  for (;;) {
    const info = String(await client.call('CLUSTER', 'INFO'))
    if (info.includes('cluster_state:ok') && info.includes('cluster_slots_assigned:16384')) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export interface ClusterClient {
  readonly client: RedisClient
  end(): void
}

type OpenClusterClient = (cluster: RedisCluster) => Promise<ClusterClient>

/** The clients that every test of a store in a Cluster goes through. */
export const clusterClients: ReadonlyArray<readonly [name: string, open: OpenClusterClient]> = [
  [
    'Cluster of ioredis',
    async ({ nodes }) => {
      const roots = nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
      const client = new Cluster(roots, { lazyConnect: true, redisOptions: { commandTimeout: 5000 } })
      client.on('error', () => undefined)
      await client.connect()
      return { client, end: () => client.disconnect() }
    },
  ],
  [
    'createCluster of redis',
    async ({ nodes }) => {
      const client = createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) })
      client.on('error', () => undefined)
      await client.connect()
      return { client, end: () => client.destroy() }
    },
  ],
]
