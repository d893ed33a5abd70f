import type { IdempotencyRecord } from '@latchkey/core'
import { bytes, number, text } from './reply.js'

/** The record in a reply of `showScript`; one that cannot be read is shown as that, with what is left of it. */
export function recordIn(id: string, reply: unknown): IdempotencyRecord | undefined {
  if (reply === null) return undefined
  const [now, fields, content] = reply as [unknown, readonly unknown[], unknown]
  const [scope, fingerprint] = fields
  const state = text(fields[2])
  const [attempt, createdAtMs, leaseUntilMs, expiresAtMs] = fields.slice(3).map(number)
  const head = {
    id,
    scope: scope === null ? '' : text(scope),
    attempt: attempt ?? 0,
    fingerprint: fingerprint === null ? '' : text(fingerprint),
    createdAtMs: createdAtMs ?? 0,
    expiresAtMs: expiresAtMs ?? 0,
  }
  const isLost = (field: unknown) => field === null || field === undefined
  const isWhole = ![scope, fingerprint, attempt, createdAtMs, leaseUntilMs, expiresAtMs].some(isLost)
  // Without the content itself comes whether there is any.
  if (!isWhole || !isState(state) || (state !== 'running' && (content === null || content === 0))) {
    return { ...head, state: 'unreadable' }
  }
  if (state === 'running') {
    return { ...head, state: Number(now) < leaseUntilMs! ? 'running' : 'lapsed', leaseUntilMs: leaseUntilMs! }
  }
  const found = bytes(content)
  return { ...head, state, ...(found !== undefined && { content: found }) }
}

function isState(state: string): state is 'running' | 'settled' | 'tombstone' {
  return state === 'running' || state === 'settled' || state === 'tombstone'
}
