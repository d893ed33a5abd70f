import { type ClaimRequest, StoreError, type TokenRecord } from '@latchkey/core'
import { type RedisStore, type RedisStoreOptions, redisStore } from '@latchkey/stores/redis'
import { afterEach, expect } from 'vitest'
import { blankKey } from './blank-key.js'
import type { OpenClient, OpenClientOn } from './redis-clients.js'
import { type RedisServer, startRedis } from './redis-server.js'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

/** Done when the test has ended, the last one first. */
export function afterwards(work: () => unknown): void {
  cleanUp.push(work)
}

export interface Rig extends OpenClient {
  readonly server: RedisServer
  readonly store: RedisStore
  /** A connection that no store uses. */
  admin(...command: string[]): Promise<unknown>
}

/** A server of the test's own, and a store on it. */
export async function rigOn(
  open: OpenClientOn,
  settings: readonly string[] = [],
  options: Partial<RedisStoreOptions> = {},
): Promise<Rig> {
  const server = await startRedis(...settings)
  afterwards(() => server.remove())
  const opened = await connect(open, server.url)
  const admin = await connect(open, server.url)
  return { server, ...opened, admin: admin.call, store: redisStore({ client: opened.client, ...options }) }
}

export async function connect(open: OpenClientOn, url: string): Promise<OpenClient> {
  const opened = await open(url)
  afterwards(() => opened.end())
  return opened
}

export function request(id: string, changes: Partial<ClaimRequest> = {}): ClaimRequest {
  const defaults = { scope: 'scope', fingerprint: 'fingerprint', leaseSeconds: 30, ttlSeconds: 600, takeOver: true }
  return { id, token: `token ${id}`, ...defaults, ...changes }
}

export const key = blankKey('abcdefabcdef', { scopes: [] })

export const token: TokenRecord = { id: 'a', subject: 'alice', purpose: 'password-reset', data: '{}' }

/** A store error of that kind. */
export const fault = (kind: unknown) => expect.objectContaining({ constructor: StoreError, fault: kind })

/** Tries until the store answers again. */
export async function untilItAnswers<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
