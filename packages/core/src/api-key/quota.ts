import type { Quota } from './store.js'

/** The quota as it stands at `nowMs`: after a refill that was due, however many were missed meanwhile. */
export function refilled(quota: Quota, nowMs: number): Quota {
  const { refill, refillAtMs } = quota
  if (refill === null || refillAtMs === null || nowMs < refillAtMs) return quota
  const periodMs = refill.everySeconds * 1000
  const missed = Math.floor((nowMs - refillAtMs) / periodMs)
  return { remaining: refill.amount, refill, refillAtMs: refillAtMs + (missed + 1) * periodMs }
}
