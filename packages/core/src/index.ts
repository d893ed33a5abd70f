// The seam.

// API keys.
export type * from './api-key/store.js'
export * from './errors.js'
export * from './guard.js'
// Idempotency keys.
export type { IdempotencyEvent } from './idempotency/events.js'
export type { BodyFingerprint } from './idempotency/fingerprint.js'
export type { IdempotencyGrant } from './idempotency/grant.js'
export * from './idempotency/guard.js'
export * from './idempotency/operators.js'
export type * from './idempotency/options.js'
export * from './idempotency/presets.js'
export { type RecordScope, recordId } from './idempotency/record-id.js'
export type { RecordFault, TombstoneNote, TombstoneReason } from './idempotency/reply-record.js'
export type * from './idempotency/store.js'

export type { Observe } from './observe.js'
export * from './problem.js'
export * from './sequence.js'

// Signatures.
export type * from './signature/store.js'
export type { Store } from './stores/store.js'
