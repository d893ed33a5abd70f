import { hash, randomBytes } from 'node:crypto'
import { apiKeys, memoryStore } from '@latchkey/core'
import { IdempotencyFloor } from '../floors/idempotency-floor.js'
import { payment, paymentBytes, receipt } from '../payment.js'
import { nodeIdempotency, peerRequest } from '../peers/idempotency-peers.js'

/** Fills something with so many entries, and hands it back, so that it lives on. */
type Fill = (count: number) => Promise<unknown>

/** Of 200 bytes, as the goal for a record has it. */
export const storedBody = Buffer.from(JSON.stringify(receipt).slice(0, 200).padEnd(200, ' '))

const daySeconds = 86_400
const keyOf = (at: number) => `8e03978e-40d5-43dd-bc93-${String(at).padStart(12, '0')}`

/** What is weighed, by name; each in a process of its own. */
export const layouts = {
  'Latchkey key record': async (count) => {
    const store = memoryStore()
    const keys = apiKeys({ store, prefix: 'acme' })
    for (let at = 0; at < count; at++) {
      await keys.issue({ ownerId: `org_${at % 1000}`, environment: 'live', scopes: ['payments:read'] })
    }
    return store
  },
  'Map of digests to objects': async (count) => {
    const kept = new Map<string, object>()
    for (let at = 0; at < count; at++) {
      kept.set(hash('sha256', keyOf(at), 'latin1'), { ownerId: at % 1000, scopes: 1, revokedAtMs: null })
    }
    return kept
  },
  'Latchkey idempotency record': async (count) => {
    const bounds = { maxRecords: count * 2, maxRecordsPerScope: count * 2, maxBytes: 2 ** 40 }
    const { idempotency } = memoryStore(bounds)
    for (let at = 0; at < count; at++) {
      const id = hash('sha256', keyOf(at), 'base64url')
      const fingerprint = hash('sha256', paymentBytes.fill(`${at}`, 0, 8), 'base64url')
      const token = randomBytes(16).toString('base64url')
      const claim = {
        id,
        scope: 'alice',
        fingerprint,
        token,
        leaseSeconds: 30,
        ttlSeconds: daySeconds,
        takeOver: false,
      }
      idempotency.claim(claim)
      idempotency.settle(id, token, storedBody, daySeconds)
    }
    return idempotency
  },
  'Map of digests to replies': async (count) => {
    const floor = new IdempotencyFloor()
    for (let at = 0; at < count; at++) {
      const id = floor.id('alice', keyOf(at))
      floor.claim(id, paymentBytes.fill(`${at}`, 0, 8))
      floor.settle(id, 201, [], storedBody)
    }
    return floor
  },
  '@node-idempotency/core, memory': async (count) => {
    const peer = nodeIdempotency()
    for (let at = 0; at < count; at++) {
      const request = peerRequest(keyOf(at), { ...payment, amount: at })
      await peer.onRequest(request)
      await peer.onResponse(request, { body: storedBody.toString(), additional: { status: 201 } })
    }
    return peer
  },
} as const satisfies Readonly<Record<string, Fill>>

export type Layout = keyof typeof layouts
