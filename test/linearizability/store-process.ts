/** A store in a process of its own, whose parent asks it over IPC. Its wall clock is wrong: no lease may go by it. */
import { type IdempotencyStore, StoreError } from '@latchkey/core'
import { redisStore } from '@latchkey/stores/redis'
import { naiveStore } from '../broken/naive-store.js'
import type { StoreFlaw } from '../broken/store-flaws.js'
import { openStore } from '../lab/store.js'
import { openNodeRedis } from '../stores/redis-clients.js'
import { type Call, perform } from './operation.js'

const [, , url = '', skewMs = '0'] = process.argv
const now = Date.now
Date.now = () => now() + Number(skewMs)

/** Told by the parent what to carry out. */
export interface Question {
  readonly number: number
  readonly call: Call
}

async function open(): Promise<IdempotencyStore> {
  if (url.startsWith('naive:'))
    return naiveStore(() => performance.now(), (url.slice('naive:'.length) || undefined) as StoreFlaw).store.idempotency
  // This client asks nothing twice by itself: what it does not know it says.
  if (url.startsWith('redis:')) return redisStore({ client: (await openNodeRedis(url)).client }).idempotency
  return (await openStore(url)).idempotency
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
