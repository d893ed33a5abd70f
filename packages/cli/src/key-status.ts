import type { ApiKeyInfo } from '@latchkey/core'
import { facts, moment, table } from './output.js'

/** What has become of a key, as a request that presents it now would find. */
type KeyStatus = 'active' | 'revoked' | 'disabled' | 'expired' | 'idle'

export function statusOf(info: ApiKeyInfo, nowMs: number): KeyStatus {
  if (info.revokedAtMs !== null) return 'revoked'
  if (info.disabledAtMs !== null) return 'disabled'
  if (info.expiresAtMs !== null && !(nowMs < info.expiresAtMs)) return 'expired'
  const { idleSeconds, lastUsedAtMs, createdAtMs } = info
  if (idleSeconds !== null && !(nowMs < (lastUsedAtMs ?? createdAtMs) + idleSeconds * 1000)) return 'idle'
  return 'active'
}

/** A key as programs are told of it. */
export interface ShownKey extends ApiKeyInfo {
  readonly status: KeyStatus
}

export function shownKey(info: ApiKeyInfo, nowMs = Date.now()): ShownKey {
  return { ...info, status: statusOf(info, nowMs) }
}

/** One key for people: all that is known of it, but what it has not. */
export function keyFacts(key: ShownKey): string {
  const { rateLimit, quota, metadata, graceOnUseSeconds } = key
  return facts([
    ['id', key.id],
    ['shown as', key.display],
    ['status', key.status],
    ['owner', key.ownerId],
    ['name', key.name],
    ['environment', key.environment],
    ['scopes', key.scopes.join(' ')],
    ['allowed from', key.allowedIps?.join(' ')],
    ['rate limit', rateLimit && `${rateLimit.limit} in ${rateLimit.windowSeconds} s`],
    ['quota', quota && quotaText(quota)],
    ['metadata', Object.keys(metadata).length === 0 ? undefined : JSON.stringify(metadata)],
    ['created', moment(key.createdAtMs)],
    ['last used', moment(key.lastUsedAtMs)],
    ['expires', moment(key.expiresAtMs)],
    ['idle after', key.idleSeconds === null ? undefined : `${key.idleSeconds} s`],
    ['rotated from', key.rotatedFrom],
    ['rotated to', key.rotatedTo],
    ['grace', graceOnUseSeconds === null ? undefined : `${graceOnUseSeconds} s from its first use`],
    ['disabled', moment(key.disabledAtMs)],
    ['revoked', moment(key.revokedAtMs)],
    ['reason', key.revocationReason],
  ])
}

function quotaText({ remaining, refill, refillAtMs }: NonNullable<ApiKeyInfo['quota']>): string {
  const again =
    refill &&
    `, ${refill.amount} again ${refillAtMs === null ? '' : `at ${moment(refillAtMs)} and `}every ${refill.everySeconds} s`
  return `${remaining} left${again ?? ''}`
}

/** Keys for people, a line each. */
export function keyTable(keys: readonly ShownKey[]): string {
  if (keys.length === 0) return 'no keys'
  return table(
    ['ID', 'ENVIRONMENT', 'STATUS', 'OWNER', 'NAME', 'SCOPES', 'CREATED', 'LAST USED'],
    keys.map((key) => [
      ...[key.id, key.environment, key.status, key.ownerId, key.name ?? '', key.scopes.join(' ')],
      ...[moment(key.createdAtMs), moment(key.lastUsedAtMs)],
    ]),
  )
}
