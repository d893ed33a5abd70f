import type { Claim, IdempotencyStore } from '@latchkey/core'

/** What a client asks of a store of records, as plain data, so that it can be sent, written down and read again. */
export type Call =
  | {
      readonly kind: 'claim'
      readonly key: string
      readonly token: string
      readonly fingerprint: string
      readonly leaseMs: number
      readonly ttlMs: number
      readonly takeOver: boolean
    }
  | {
      readonly kind: 'renew'
      readonly key: string
      readonly token: string
      readonly leaseMs: number
      readonly ttlMs: number
    }
  | {
      readonly kind: 'settle' | 'tombstone'
      readonly key: string
      readonly token: string
      readonly content: string
      readonly ttlMs: number
    }
  | { readonly kind: 'release'; readonly key: string; readonly token: string }
  /** By hand: with this content, or away with it. */
  | { readonly kind: 'resolve'; readonly key: string; readonly content?: string; readonly ttlMs: number }

/** What the store said, in one text: `claimed 2`, `settled r1`, `stale`, … */
export interface Answer {
  readonly says: string
  /** For how long it says that the lease goes on; with `running` only. */
  readonly remainingMs?: number
}

/** One call as its client saw it. Without an answer it may have been carried out, may be later still, or never. */
export interface Operation {
  readonly client: string
  readonly call: Call
  /** Positions in the order of everything that was seen: an operation that ended before another began came before it. */
  readonly began: number
  readonly ended?: number
  /** By the clock of those who ask. */
  readonly beganMs: number
  readonly endedMs?: number
  readonly answer?: Answer
}

/** What rejects where nobody can tell whether the call was carried out. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'
}

export async function perform(store: IdempotencyStore, call: Call): Promise<Answer> {
  switch (call.kind) {
    case 'claim': {
      const { key, token, fingerprint, leaseMs, ttlMs, takeOver } = call
      const times = { leaseSeconds: leaseMs / 1000, ttlSeconds: ttlMs / 1000 }
      return claimed(await store.claim({ id: key, scope: 'scope', token, fingerprint, takeOver, ...times }))
    }
    case 'renew':
      return { says: await store.renew(call.key, call.token, call.leaseMs / 1000, call.ttlMs / 1000) }
    case 'settle':
    case 'tombstone':
      return { says: await store[call.kind](call.key, call.token, Buffer.from(call.content), call.ttlMs / 1000) }
    case 'release':
      return { says: await store.release(call.key, call.token) }
    case 'resolve': {
      const { key, content, ttlMs } = call
      const reply = Buffer.from(content ?? '')
      const resolution = content === undefined ? ({ kind: 'release' } as const) : ({ kind: 'settle', reply } as const)
      return { says: await store.resolve(key, resolution, ttlMs / 1000) }
    }
  }
}

function claimed(claim: Claim): Answer {
  switch (claim.outcome) {
    case 'claimed':
      return { says: `claimed ${claim.attempt}` }
    case 'running':
      return { says: 'running', remainingMs: claim.leaseRemainingMs }
    case 'settled':
      return { says: `settled ${Buffer.from(claim.reply)}` }
    case 'tombstone':
      return { says: `tombstone ${Buffer.from(claim.note)}` }
    default:
      return { says: claim.outcome }
  }
}

/** One line a human can read. */
export function lineOf({ client, call, beganMs, endedMs, answer }: Operation): string {
  const { kind, key, ...rest } = call
  const details = Object.entries(rest).map(([name, value]) => (typeof value === 'string' ? value : `${name}=${value}`))
  const time = `${beganMs.toFixed(1)} to ${endedMs?.toFixed(1) ?? '?'} ms`
  const said = answer === undefined ? 'no answer' : answer.says
  const remaining = answer?.remainingMs === undefined ? '' : ` for ${answer.remainingMs.toFixed(1)} ms`
  return `${time.padEnd(24)} ${client}: ${kind} ${key} ${details.join(' ')} -> ${said}${remaining}`
}
