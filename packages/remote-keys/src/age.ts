import { judgeTime } from '@latchkey/core'

/** Most seconds that clocks may be off. */
const mostSkewSeconds = 300

/**
 * Why a time is too old or too far ahead, or `undefined` where it is neither. A provider that sends the same signature for hours
 * has a large maximum age, and no reason for times in the future.
 */
export function judgeAge(
  signedAtMs: number,
  nowMs: number,
  unit: 's' | 'rfc3339',
  maxAgeSeconds: number,
): 'stale' | 'future' | undefined {
  const fault = judgeTime(signedAtMs, nowMs, unit, maxAgeSeconds)
  if (fault === 'stale' || fault === 'future') return fault
  return signedAtMs - nowMs > mostSkewSeconds * 1000 ? 'future' : undefined
}

/** Seconds for which a message must be remembered, so that it is too old by the time it is forgotten. */
export function rememberedSeconds(maxAgeSeconds: number): number {
  return maxAgeSeconds + mostSkewSeconds
}
