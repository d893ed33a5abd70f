import type { Quota, QuotaSpending } from '@latchkey/core'
import type { Has } from './store-flaws.js'

/** What spending one request comes to, and what is left of the quota then. */
export function spent(quota: Quota, nowMs: number, has: Has): { quota: Quota; spending: QuotaSpending } {
  const standing = standingOf(quota, nowMs, has)
  const { refillAtMs } = standing
  if (standing.remaining <= 0 && !has('spends what is not there')) {
    return {
      quota,
      spending: {
        outcome: 'exceeded',
        remaining: 0,
        refillAtMs: has('does not say when more comes') ? null : refillAtMs,
      },
    }
  }
  const remaining = standing.remaining - 1
  return { quota: { ...standing, remaining }, spending: { outcome: 'ok', remaining, refillAtMs } }
}

function standingOf(quota: Quota, nowMs: number, has: Has): Quota {
  const { remaining, refill, refillAtMs } = quota
  const lateMs = nowMs - (refillAtMs ?? Number.POSITIVE_INFINITY) - (has('refills a millisecond late') ? 1 : 0)
  if (refill === null || lateMs < 0) return quota
  const periodMs = refill.everySeconds * 1000
  const refills = Math.floor(lateMs / periodMs) + 1
  const nextMs = has('counts the next refill from the last spending')
    ? nowMs + periodMs
    : refillAtMs! + refills * periodMs
  return {
    refill,
    remaining: refilledTo(remaining, refill.amount, refills, has),
    refillAtMs: has('refills once a spending') ? refillAtMs! + periodMs : nextMs,
  }
}

function refilledTo(remaining: number, amount: number, refills: number, has: Has): number {
  if (has('adds a refill to what is left')) return remaining + amount
  return has('makes up for each refill that was missed') ? amount * refills : amount
}
