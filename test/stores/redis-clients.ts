import type { RedisClient } from '@latchkey/stores/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'

/** A client that is connected, and the way to end it. */
export interface OpenClient {
  readonly client: RedisClient
  /** Any command, for the test's own purposes. */
  call(...command: string[]): Promise<unknown>
  end(): void
}

export type OpenClientOn = (url: string) => Promise<OpenClient>

export const openIoredis: OpenClientOn = async (url) => {
  const client = new Redis(url, {
    commandTimeout: 5000,
    maxRetriesPerRequest: 1,
    retryStrategy: () => 50,
    lazyConnect: true,
  })
  // Tests make connections fail.
  client.on('error', () => undefined)
  await client.connect()
  return {
    client,
    call: (name, ...args) => client.call(name!, ...args),
    end: () => client.disconnect(),
  }
}

export const openNodeRedis: OpenClientOn = async (url) => {
  const client = createClient({ url, socket: { reconnectStrategy: () => 50 } })
  client.on('error', () => undefined)
  await client.connect()
  return {
    client,
    call: (...command) => client.sendCommand(command),
    end: () => client.destroy(),
  }
}

/** The clients that every test of a store in Redis goes through. */
export const clients: ReadonlyArray<readonly [name: string, open: OpenClientOn]> = [
  ['ioredis', openIoredis],
  ['node-redis', openNodeRedis],
]
