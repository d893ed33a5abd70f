import type { Claim } from './claim.js'
import type { HttpSignatureFault } from './fault.js'
import type { PolicySettings } from './policy.js'

/** What the policy has against a claim, as far as the claim itself tells. */
export function faultOfClaim(claim: Claim, policy: PolicySettings, nowMs: number): HttpSignatureFault | undefined {
  const covered = new Set(claim.components.map(({ identity }) => identity))
  if (policy.required.some(({ identity }) => !covered.has(identity))) return 'insufficient'
  if (claim.alg !== undefined && !policy.algorithms.has(claim.alg)) return 'wrong-algorithm'
  if (policy.nonce === 'required' && (claim.nonce === undefined || claim.nonce === '')) return 'missing-nonce'
  return faultOfTimes(claim, policy, nowMs)
}

function faultOfTimes(
  { created, expires }: Claim,
  { maxAgeSeconds, clockSkewSeconds }: PolicySettings,
  nowMs: number,
): HttpSignatureFault | undefined {
  if (created === undefined) {
    if (maxAgeSeconds > 0) return 'missing-created'
  } else {
    if (created * 1000 > nowMs + clockSkewSeconds * 1000) return 'future'
    if (maxAgeSeconds > 0 && wholeSeconds(nowMs) - created > maxAgeSeconds) return 'stale'
  }
  return expires !== undefined && wholeSeconds(nowMs) > expires ? 'stale' : undefined
}

/** Signers know no parts of a second, so a message is no older for them. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
