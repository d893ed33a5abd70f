import { ConfigurationError, StoreError } from '@latchkey/core'
import type { IoredisClient, RedisArgument } from './client.js'
import { isMethod, type Link, type Methods, type Send } from './link.js'

type Event = 'ready' | 'close' | 'end'

/** `Redis` or `Cluster`, as far as only this file uses it. */
interface Client extends IoredisClient {
  readonly status: string
  readonly options?: IoredisOptions
  once(event: Event, listener: () => void): unknown
  removeListener(event: Event, listener: () => void): unknown
  pipeline(): Pipeline
  nodes?(role: 'master'): Client[]
}

interface IoredisOptions {
  readonly keyPrefix?: unknown
  readonly enableOfflineQueue?: unknown
  readonly autoResendUnfulfilledCommands?: unknown
  readonly commandTimeout?: unknown
}

interface Pipeline {
  callBuffer(command: string, ...args: RedisArgument[]): unknown
  exec(): Promise<readonly (readonly [error: unknown, reply: unknown])[] | null>
}

export function linkToIoredis(recognised: Methods): Link {
  const client = recognised as unknown as Client
  const send = senderTo(client)
  const { keyPrefix, enableOfflineQueue, autoResendUnfulfilledCommands, commandTimeout } = client.options ?? {}
  if (autoResendUnfulfilledCommands === false && commandTimeout === undefined) {
    throw new ConfigurationError(
      'unsupported-client',
      'redisStore: "client" must have a commandTimeout where its autoResendUnfulfilledCommands is false: without it ioredis never ' +
        'answers what its connection has lost, it has none',
    )
  }
  const isCluster = isMethod(client, 'nodes')
  return {
    ownPrefix: typeof keyPrefix === 'string' ? keyPrefix : '',
    // Without the queue the client itself refuses at once.
    ...(enableOfflineQueue !== false && { connected: presenceOf(client) }),
    send: (_, command) => send(command),
    masters: async () => (client.nodes === undefined ? [send] : client.nodes('master').map(senderTo)),
    // A pipeline that has begun is not taken up again on another connection.
    ...(!isCluster && {
      together: async (commands) => {
        const pipeline = client.pipeline()
        for (const { command } of commands) pipeline.callBuffer(String(command[0]), ...command.slice(1))
        return ((await pipeline.exec()) ?? []).map(([error, value]) =>
          error === null ? { status: 'fulfilled', value } : { status: 'rejected', reason: error },
        )
      },
    }),
  }
}

function senderTo(client: Client): Send {
  return ([name, ...args]) => client.callBuffer(String(name), ...args)
}

const away: readonly string[] = ['connecting', 'connect', 'close', 'reconnecting']

/**
 * A command that is given to the client now would wait in its queue, without bound, and be sent even when `commandTimeout` has long
 * given it up. One promise for all who wait: each listener is one of the client's.
 */
function presenceOf(client: Client): () => Promise<void> | undefined {
  let attempt: Promise<void> | undefined
  return () => {
    if (!away.includes(client.status)) return undefined
    attempt ??= new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => () => {
        for (const [event, listener] of listeners) client.removeListener(event, listener)
        attempt = undefined
        settle()
      }
      const failed = end(() => reject(new StoreError('unavailable', 'Redis cannot be connected to')))
      const listeners = [
        ['ready', end(resolve)],
        ['close', failed],
        ['end', failed],
      ] as const
      for (const [event, listener] of listeners) client.once(event, listener)
    })
    return attempt
  }
}
