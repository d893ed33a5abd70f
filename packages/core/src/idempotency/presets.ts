import type { IdempotencyOptions } from './options.js'

/**
 * Stripe's choices (https://docs.stripe.com/api/idempotent_requests): keys are optional, every status is kept, also a 500,
 * and for 24 hours.
 *
 * @example
 * ```ts
 * import { idempotency, stripeStyle, type Store } from '@latchkey/core'
 *
 * const charges = (store: Store) => idempotency({ ...stripeStyle, store, scope: 'caller' })
 * ```
 */
export const stripeStyle = {
  required: false,
  methods: ['POST'],
  serverErrors: 'store',
  ttlSeconds: 86_400,
} as const satisfies Partial<IdempotencyOptions>

/**
 * Response fields that a browser's script reads only if `Access-Control-Expose-Headers` names them: whether a reply is a
 * replay, when to try again, and where the original and the documentation are.
 */
export const exposedHeaders = ['Idempotent-Replayed', 'Idempotency-Status', 'Retry-After', 'Location', 'Link'] as const
