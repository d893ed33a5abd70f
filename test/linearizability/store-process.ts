/** A store in a process of its own, whose parent asks it over IPC. Its wall clock is wrong: no lease may go by it. */
import { type IdempotencyStore, StoreError } from '@latchkey/core'
import type { StoreFlaw } from '../broken/store-flaws.js'
import { type Call, perform } from './operation.js'

const [, , url = '', skewMs = '0'] = process.argv
const now = Date.now
Date.now = () => now() + Number(skewMs)

/** Told by the parent what to carry out. */
export interface Question {
  readonly number: number
  readonly call: Call
}

/** Loads its own engine alone: it starts in half the time. */
async function open(): Promise<IdempotencyStore> {
  const [engine, rest = ''] = url.split(/:(.*)/s)
  if (engine === 'naive') {
    const { naiveStore } = await import('../broken/naive-store.js')
    return naiveStore(() => performance.now(), (rest || undefined) as StoreFlaw).store.idempotency
  }
  if (engine === 'sqlite') {
    const { sqliteStore } = await import('@latchkey/stores/sqlite')
    return sqliteStore({ file: rest }).idempotency
  }
  if (engine === 'redis') {
    const [{ createClient }, { redisStore }] = await Promise.all([import('redis'), import('@latchkey/stores/redis')])
    // This client asks nothing twice by itself: what it does not know it says.
    const client = createClient({ url, socket: { reconnectStrategy: () => 50 } })
    client.on('error', () => undefined)
    await client.connect()
    return redisStore({ client }).idempotency
  }
  const [{ Pool }, { postgresStore }] = await Promise.all([import('pg'), import('@latchkey/stores/postgres')])
  const client = new Pool({ connectionString: url, connectionTimeoutMillis: 900, statement_timeout: 1900 })
  return postgresStore({ client }).idempotency
}

const store = await open()

process.on('message', ({ number, call }: Question) => {
  perform(store, call).then(
    (answer) => process.send!({ number, answer }),
    (error: unknown) => {
      const isUnknown = error instanceof StoreError && error.fault !== 'corrupt'
      process.send!({ number, [isUnknown ? 'unanswered' : 'error']: String(error) })
    },
  )
})
// Without its parent nobody asks.
process.on('disconnect', () => process.exit())
process.send!('open')
