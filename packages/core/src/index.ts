// The seam.

// API keys.
export type * from './api-key/store.js'
export * from './errors.js'
export * from './guard.js'
// Idempotency keys.
export type * from './idempotency/store.js'

export type { Observe } from './observe.js'
export * from './problem.js'
export * from './sequence.js'

// Signatures.
export type * from './signature/store.js'
export type { Store } from './stores/store.js'
