import type { IdempotencyRecord } from '@latchkey/core'
import { unreadable } from './fault.js'
import { bytes, number, text } from './reply.js'

/** The record in a reply of `showScript`. */
export function recordIn(id: string, reply: unknown): IdempotencyRecord | undefined {
  if (reply === null) return undefined
  const [now, fields, content] = reply as [unknown, readonly unknown[], unknown]
  const [scope, fingerprint] = fields
  const state = text(fields[2])
  const [attempt, createdAtMs, leaseUntilMs, expiresAtMs] = fields.slice(3).map(number)
  const isWhole =
    scope !== null && fingerprint !== null && attempt !== undefined && createdAtMs !== undefined && isState(state)
  if (!isWhole || leaseUntilMs === undefined || expiresAtMs === undefined) throw unreadable('An idempotency record')
  const head = { id, scope: text(scope), attempt, fingerprint: text(fingerprint), createdAtMs, expiresAtMs }
  if (state === 'running') {
    return { ...head, state: Number(now) < leaseUntilMs ? 'running' : 'lapsed', leaseUntilMs }
  }
  const found = bytes(content)
  return { ...head, state, ...(found !== undefined && { content: found }) }
}

function isState(state: string): state is 'running' | 'settled' | 'tombstone' {
  return state === 'running' || state === 'settled' || state === 'tombstone'
}
