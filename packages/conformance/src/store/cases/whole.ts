import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { bytes, newKey, newRequest, newTokenRecord } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'idempotency'

export const wholeCases: readonly StoreCase[] = [
  {
    name: 'store: closing it twice is closing it once',
    facet,
    run: async ({ opened }) => {
      await opened.store.close?.()
      await opened.store.close?.()
    },
  },
  {
    name: 'store: printed, it shows nothing that it holds',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.settle(request, bytes('canary-reply'))
      await trial.opened.store.keys?.insert(newKey({ name: 'canary-name' }))
      await trial.opened.store.tokens?.insert(newTokenRecord({ subject: 'canary-subject', data: 'canary' }), 30, false)
      await trial.opened.store.replay?.reserve(request.id, request.token, 10)
      const printed = inspect(trial.opened.store, { depth: 20, maxArrayLength: null, maxStringLength: null })
      for (const secret of ['canary', request.id, request.token]) assert.ok(!printed.includes(secret), secret)
    },
  },
]
