import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../adapters/suite.js'
import type { StoreFlaw } from '../broken/store-flaws.js'
import { type FaultProxy, faultProxy } from '../faults/fault-proxy.js'
import { openStore } from '../lab/store.js'
import { noPostgresPrograms, startPostgres } from '../stores/postgres-server.js'
import { noRedisServer, startRedis } from '../stores/redis-server.js'
import { openDatabase } from '../stores/sqlite-files.js'
import { type Fault, networkFaults, processFaults } from './nemesis.js'
import { StoreClient } from './store-client.js'

/** Processes with a store each, all on the same data, and what can befall them. */
export interface Cluster {
  readonly clients: readonly StoreClient[]
  readonly faults: readonly Fault[]
  end(): Promise<void>
}

/** The wall clocks of the processes are wrong by half a minute: a lease that went by them would end at once, or not at all. */
const skewsMs = [0, 30_000, -30_000]

/** The stores that processes can share, each on a server or a file of the test's own. */
export const engines = [
  { name: 'SQLite', missing: undefined, start: startSqlite },
  { name: 'Redis', missing: noRedisServer(), start: startOwnRedis },
  { name: 'Postgres', missing: noPostgresPrograms(), start: startOwnPostgres },
] as const

/** One process with a store that has this flaw, or none: what it holds ends with it. */
export async function startNaive(flaw: StoreFlaw | undefined): Promise<Cluster> {
  const clients = await started([new StoreClient(`naive:${flaw ?? ''}`, 0)])
  return { clients, faults: [], end: () => killed(clients) }
}

async function startSqlite(): Promise<Cluster> {
  const folder = temporaryFolder()
  const file = join(folder, 'records.db')
  const clients = await started(skewsMs.map((skewMs) => new StoreClient(`sqlite:${file}`, skewMs)))
  const other = openDatabase(file)
  // A process that stands still may hold the lock itself.
  other.exec('PRAGMA busy_timeout = 1000')
  const lock: Fault = {
    name: 'somebody else holds the lock',
    weight: 3,
    strike: async (draw) => {
      other.exec('BEGIN IMMEDIATE')
      await sleep(30 + draw.below(200))
      other.exec('ROLLBACK')
    },
  }
  const end = async () => {
    await killed(clients)
    other.close()
    rmSync(folder, { recursive: true })
  }
  return { clients, faults: [...processFaults(clients), lock], end }
}

async function startOwnRedis(): Promise<Cluster> {
  // What it has answered it keeps.
  const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
  const restart: Fault = {
    name: 'the server is killed and started again',
    weight: 1,
    strike: () => server.restart(),
  }
  return behindNetworks(server.url, restart, () => server.remove())
}

async function startOwnPostgres(): Promise<Cluster> {
  const server = await startPostgres()
  // The tables.
  await (await openStore(server.url)).close()
  const restart: Fault = {
    name: 'the server is killed and started again',
    weight: 1,
    strike: async () => server.crash(),
  }
  return behindNetworks(server.url, restart, async () => server.remove())
}

/** Each process reaches the server by a way of its own. */
async function behindNetworks(url: string, restart: Fault, remove: () => Promise<void>): Promise<Cluster> {
  const ways = await Promise.all(skewsMs.map(() => faultProxy(Number(new URL(url).port))))
  const clients = await started(skewsMs.map((skewMs, index) => new StoreClient(by(ways[index]!, url), skewMs)))
  const end = async () => {
    await killed(clients)
    for (const way of ways) await way.close()
    await remove()
  }
  return { clients, faults: [...processFaults(clients), ...networkFaults(ways), restart], end }
}

function by(way: FaultProxy, url: string): string {
  const through = new URL(url)
  through.port = String(way.port)
  return through.href
}

async function started(clients: readonly StoreClient[]): Promise<readonly StoreClient[]> {
  await Promise.all(clients.map((client) => client.start()))
  return clients
}

async function killed(clients: readonly StoreClient[]): Promise<void> {
  await Promise.all(clients.map((client) => client.kill()))
}
