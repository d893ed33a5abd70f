import type { Refusal, Reply } from '../guard.js'
import { tell } from '../observe.js'
import { type RefusalCode, type RefusalOptions, refusal } from '../problem.js'
import type { Holding } from './attempt/lease.js'
import type { TombstoneNote } from './reply/reply-record.js'
import type { IdempotencySettings } from './settings.js'

/** What a refused client is told, code by code. */
const details = {
  'api-key-missing': 'Keys are kept apart by caller, and this request names none.',
  'idempotency-key-missing': 'This operation requires an Idempotency-Key header field.',
  'idempotency-key-invalid':
    'Send one Idempotency-Key of 1 to 255 visible ASCII characters without quotes and commas, or the same as a quoted string.',
  'idempotency-key-expired': 'This Idempotency-Key is older than its outcome would have been kept.',
  'idempotency-in-progress': 'The first request with this Idempotency-Key has not ended yet. Try again shortly.',
  'idempotency-lease-lost':
    'This request took so long that another attempt took over. Try again to get the outcome of that one.',
  'idempotency-outcome-unknown':
    'The first request with this Idempotency-Key ended without a known outcome. It may have been carried out.',
  'idempotency-response-unavailable':
    'The first request with this Idempotency-Key was carried out, and its response was not kept.',
  'idempotency-key-reused': 'This Idempotency-Key was used before with another request.',
  'idempotency-store-unavailable': 'The record of idempotency keys cannot be used at the moment. Try again shortly.',
  'request-too-large': 'The body is larger than this operation takes.',
  'request-timeout': 'The body did not arrive in time. Try again.',
} as const satisfies Partial<Record<RefusalCode, string>>

export type IdempotencyRefusalCode = keyof typeof details

/** The longest that a client is asked to wait before it asks again. */
const maxRetryAfterSeconds = 5

/** The guard's own answers. None of them is ever stored. */
export class Refusals {
  readonly #settings: IdempotencySettings

  constructor(settings: IdempotencySettings) {
    this.#settings = settings
  }

  /** The reply of one code; the observer is told. `about`: the record's id, or the attempt that has run. */
  reply(code: IdempotencyRefusalCode, about?: string | Holding, options: Partial<RefusalOptions> = {}): Reply {
    const { observe, problemBaseUrl } = this.#settings
    tell(observe, { type: 'idempotency.refused', code, ...known(about) })
    return refusal(code, { detail: details[code], problemBaseUrl, ...options })
  }

  /** That reply as a verdict. */
  refuse(code: IdempotencyRefusalCode, id?: string, options?: Partial<RefusalOptions>): Refusal {
    return { kind: 'reply', reply: this.reply(code, id, options) }
  }

  /** Nobody presented a credential where keys are kept apart by caller (RFC 6750 section 3). */
  callerMissing(): Refusal {
    return this.refuse('api-key-missing', undefined, { headers: [['www-authenticate', 'Bearer realm="api"']] })
  }

  inProgress(id: string, leaseRemainingMs: number): Refusal {
    const seconds = leaseRemainingMs > 0 ? leaseRemainingMs / 1000 : 1
    return this.refuse('idempotency-in-progress', id, { retryAfterSeconds: Math.min(seconds, maxRetryAfterSeconds) })
  }

  responseUnavailable(id: string, { status, location }: TombstoneNote): Refusal {
    return this.refuse('idempotency-response-unavailable', id, {
      members: { ...(status !== undefined && { originalStatus: status }), ...(location !== undefined && { location }) },
      ...(location !== undefined && { headers: [['location', location]] }),
    })
  }
}

function known(about: string | Holding | undefined): { readonly id?: string; readonly attempt?: number } {
  if (about === undefined) return {}
  return typeof about === 'string' ? { id: about } : { id: about.id, attempt: about.attempt }
}
