/** How much an event matters to whoever runs the service. */
export type EventSeverity = 'debug' | 'info' | 'warn' | 'error'

/**
 * Every event that a guard, `apiKeys`, `oneTimeTokens` or a store of Latchkey tells its observer, and how much it matters: `debug`: a
 * request took its usual course; `info`: somebody was refused, or a key changed; `warn`: something went wrong and is tried again,
 * or was overtaken; `error`: somebody has to look.
 */
export const eventSeverity = {
  'api-key.accepted': 'debug',
  'api-key.refused': 'info',
  'api-key.store_failed': 'error',
  'api-key.issued': 'info',
  'api-key.imported': 'info',
  'api-key.used': 'debug',
  'api-key.rotated': 'info',
  'api-key.rotated_key_used': 'info',
  'api-key.expiring': 'warn',
  'api-key.updated': 'info',
  'api-key.revoked': 'info',
  'api-key.disabled': 'info',
  'api-key.enabled': 'info',
  'api-key.removed': 'info',
  'api-key.write_failed': 'warn',
  'api-key.cache_paused': 'warn',
  'api-key.cache_resumed': 'info',
  'api-key.exposed': 'error',
  'secret-scanning.answered': 'info',
  'secret-scanning.refused': 'info',
  'secret-scanning.public_keys_failed': 'warn',
  'secret-scanning.store_failed': 'error',
  'idempotency.claimed': 'debug',
  'idempotency.replayed': 'debug',
  'idempotency.refused': 'info',
  'idempotency.bypassed': 'error',
  'idempotency.settled': 'debug',
  'idempotency.released': 'debug',
  'idempotency.tombstoned': 'debug',
  'idempotency.lease_lost': 'warn',
  'idempotency.renew_failed': 'warn',
  'idempotency.lease_ended': 'warn',
  'idempotency.settle_failed': 'warn',
  'idempotency.settle_given_up': 'error',
  'idempotency.rolled_back': 'info',
  'idempotency.commit_unknown': 'error',
  'idempotency.store_failed': 'error',
  'idempotency.record_unreadable': 'error',
  'signature.verified': 'debug',
  'signature.refused': 'info',
  'signature.secrets_failed': 'error',
  'signature.replayed': 'info',
  'signature.committed': 'debug',
  'signature.released': 'info',
  'signature.lease_lost': 'warn',
  'signature.reserve_failed': 'error',
  'signature.renew_failed': 'warn',
  'signature.settle_failed': 'warn',
  'one-time-token.issued': 'info',
  'one-time-token.consumed': 'info',
  'one-time-token.refused': 'info',
  'one-time-token.revoked': 'info',
  'management.done': 'info',
  'management.refused': 'info',
  'management.failed': 'error',
  'jwks.fetch_failed': 'warn',
  'keys.fetch_failed': 'warn',
  'redis.evicting_policy': 'error',
  'redis.unknown_policy': 'warn',
  'redis.check_failed': 'warn',
} as const satisfies Readonly<Record<string, EventSeverity>>

/** The name of an event. */
export type EventType = keyof typeof eventSeverity

/** Whether an event is one of Latchkey's own. */
export function isEventType(type: unknown): type is EventType {
  return typeof type === 'string' && Object.hasOwn(eventSeverity, type)
}
