import type { IdempotencyEvent, IdempotencyOptions } from '@latchkey/core'
import { idempotency } from '@latchkey/hono'
import { type RedisStoreOptions, redisStore } from '@latchkey/stores/redis'
import { Hono } from 'hono'

/** An API on a store, whose handler waits for what a test puts in its way. */
export function apiOn(storeOptions: RedisStoreOptions, options: Partial<IdempotencyOptions> = {}) {
  const events: string[] = []
  const observe = ({ type }: IdempotencyEvent) => void events.push(type.replace('idempotency.', ''))
  const api = { runs: 0, inHandler: async (): Promise<unknown> => undefined, events, store: redisStore(storeOptions) }
  const once = idempotency({ store: api.store, scope: 'everyone', observe, ...options })
  const app = new Hono().post('/pay', once, async (c) => {
    const run = ++api.runs
    await api.inHandler()
    return c.json({ run }, 201)
  })
  const pay = async (key: string) => {
    const response = await app.request('/pay', { method: 'POST', headers: { 'idempotency-key': key }, body: 'body' })
    const body = (await response.json()) as { readonly run?: number; readonly code?: string }
    const isReplay = response.headers.get('idempotent-replayed') === 'true'
    return { status: response.status, body, ...(isReplay && { isReplay }) }
  }
  return { ...api, pay, api }
}
