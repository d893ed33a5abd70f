import { Idempotency } from '@node-idempotency/core'
import { MemoryStorageAdapter } from '@node-idempotency/storage-adapter-memory'

const remark = 'one scope for all, no fencing, no header fields; nothing ever leaves its memory'

/** What @node-idempotency asks of a request. */
interface PeerRequest {
  readonly headers: Record<string, unknown>
  readonly path: string
  readonly method: string
  readonly body: Record<string, unknown>
}

export function peerRequest(key: string, body: Record<string, unknown>): PeerRequest {
  return {
    headers: { 'idempotency-key': key, 'content-type': 'application/json' },
    path: '/v1/payments',
    method: 'POST',
    body,
  }
}

/** A day, as everywhere here; its timers are for none of it. */
const dayMs = 86_400_000

export function nodeIdempotency(): Idempotency {
  return new Idempotency(new MemoryStorageAdapter(), { cacheTTLMS: dayMs })
}

export const nodeIdempotencyName = { name: '@node-idempotency/core, memory', kind: 'peer', remark } as const
