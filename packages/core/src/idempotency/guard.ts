import { ConfigurationError } from '../errors.js'
import type { Awaitable, Grants, Guard, GuardRequest, Verdict } from '../guard.js'
import { around } from '../observe.js'
import { Desk } from './attempt/desk.js'
import { type IdempotencyGrant, unprotectedGrant } from './grant.js'
import { parseKey } from './key.js'
import { keyCreatedAtMs } from './key-age.js'
import type { IdempotencyOptions } from './options.js'
import { markers } from './reply/kept-headers.js'
import { hasScope } from './scope.js'
import { type IdempotencySettings, idempotencySettings } from './settings.js'

/** What {@link idempotency} makes. */
export interface IdempotencyGuard extends Guard<IdempotencyGrant> {
  /**
   * Takes no new claims, refuses requests with a key (503), and resolves when all that were taken have been written to the
   * store, or after `drainSeconds` (10). What still runs then keeps its lease to the end. Can be called again.
   */
  close(options?: { readonly drainSeconds?: number }): Promise<void>
}

/**
 * A guard that lets a request with an `Idempotency-Key` run once and answers its repetitions with the first reply.
 *
 * After a crash in the handler the next request with the key runs it again once the lease has lapsed, unless `onAbandoned`
 * is `'block'`. Mount it before body parsers, and after the guard that finds the caller.
 *
 * @throws ConfigurationError where an option does not fit.
 *
 * @example
 * ```ts
 * import { idempotency, type Store } from '@latchkey/core'
 *
 * const payments = (store: Store) => idempotency({ store, scope: 'caller', onAbandoned: 'block' })
 * ```
 */
export function idempotency(options: IdempotencyOptions): IdempotencyGuard {
  const settings = idempotencySettings(options)
  const desk = new Desk(settings)
  const guard: Guard<IdempotencyGrant> = (request, prior) => receive(settings, desk, request, prior)
  return Object.assign(guard, {
    close: (how?: { readonly drainSeconds?: number }) => desk.activity.close(how?.drainSeconds ?? 10),
  })
}

/** All that is decided before the body is read: who asks comes before what is asked, and a broken key is never no key. */
function receive(
  settings: IdempotencySettings,
  desk: Desk,
  request: GuardRequest,
  prior: Grants,
): Awaitable<Verdict<IdempotencyGrant>> {
  const { refusals } = desk
  if (!settings.methods.has(request.method)) return { kind: 'pass', grant: unprotectedGrant() }
  refuseSecondMount(prior)
  const isScoped = hasScope(settings.scope, prior)
  const field = request.headers.get('idempotency-key')
  if (field === null && !settings.required) return { kind: 'pass', grant: unprotectedGrant(), strip: markers }
  if (!isScoped) return refusals.callerMissing()
  if (field === null) return refusals.refuse('idempotency-key-missing')
  const isRepeated = request.headers.count('idempotency-key') > 1
  const key = isRepeated ? undefined : parseKey(field, settings.strictSyntax)
  if (key === undefined) return refusals.refuse('idempotency-key-invalid')
  if (isExpired(settings, key)) return refusals.refuse('idempotency-key-expired')
  if (desk.activity.isClosed) return refusals.refuse('idempotency-store-unavailable')
  return around(settings.observe, 'idempotency.claim', () => desk.decide(request, prior, key))
}

/** @throws ConfigurationError where another idempotency guard has already claimed a record for this request. */
function refuseSecondMount(prior: Grants): void {
  const grant = prior.get('idempotency') as Partial<IdempotencyGrant> | null | undefined
  if (grant?.isProtected !== true) return
  throw new ConfigurationError(
    'mounted-twice',
    'idempotency: the guard is mounted twice on this route; one record would hold the reply of the other',
  )
}

function isExpired({ maxKeyAgeSeconds, now }: IdempotencySettings, key: string): boolean {
  if (maxKeyAgeSeconds === Number.POSITIVE_INFINITY) return false
  const createdAtMs = keyCreatedAtMs(key)
  return createdAtMs !== undefined && now() - createdAtMs > maxKeyAgeSeconds * 1000
}
