import { isPromise } from '../deadline.js'
import type { Awaitable, Guard, GuardRequest, Pass, Refusal, ReplyHeaders, Verdict } from '../guard.js'
import { observedGuard, tell } from '../observe.js'
import type { ApiKeyRefusalReason } from './events.js'
import { type ApiKeyOptions, apiKeySettings } from './guard-options.js'
import { limitFields } from './limits/limit-fields.js'
import { apiKeyRefusals, withNumbers } from './refusals.js'
import { credentialLocator, fieldOf } from './verification/credential.js'
import type { ApiKeyGrant, InvalidKey, Verification } from './verification/verification.js'

/** What `apiKey` grants: where the key is optional, perhaps nothing. */
export type ApiKeyGrantIf<Scope extends string, Optional extends boolean> = Optional extends true
  ? ApiKeyGrant<Scope> | undefined
  : ApiKeyGrant<Scope>

/**
 * The guard that asks who is calling, and whether they may. In this order: where the key is; its shape and checksum, which
 * cost no hash and no read; the failures of its source; one read by its id; its secret, in constant time; revoked; disabled, or
 * its owner suspended; expired, idle; environment; address; rate limit; scopes; quota. The caller of a request that passes is
 * the key's owner.
 *
 * @example
 * ```ts
 * import { apiKey, apiKeys, memoryStore } from '@latchkey/core'
 *
 * const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
 * export const mayPay = apiKey({ keys, environment: 'live', scopes: ['payments:write'] })
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function apiKey<Scope extends string = string, Optional extends boolean = false>(
  options: ApiKeyOptions<Scope, Optional>,
): Guard<ApiKeyGrantIf<Scope, Optional>> {
  type Grant = ApiKeyGrantIf<Scope, Optional>
  const settings = apiKeySettings<Scope>(options)
  const { keys, requirements, places, optional, allowPreflight, requireHttps, observe } = settings
  const locate = credentialLocator(places, keys.recognises)
  const refusals = apiKeyRefusals(settings)
  const headers = passHeaders(places.flatMap((place) => fieldOf(place) ?? []))

  const refuse = (reason: ApiKeyRefusalReason, invalid?: InvalidKey): Refusal => {
    const { code, reply } = refusals[awaitsRefill(invalid) ? 'quota-awaits-refill' : reason]
    const keyId = invalid?.keyId
    tell(observe, { type: 'api-key.refused', code, reason, ...(keyId !== undefined && { keyId }) })
    return { kind: 'reply', reply: invalid === undefined ? reply : withNumbers(reply, invalid) }
  }

  const unavailable = (error: unknown): Refusal => {
    tell(observe, { type: 'api-key.store_failed', error })
    return refuse('store-unavailable')
  }

  /** Nobody is calling: the type of the grant says so only where the application has asked for it. */
  const anonymous: Pass<Grant> = { kind: 'pass', grant: undefined as Grant, caller: null, headers: headers.shielded }

  const conclude = (verification: Verification<Scope>, isShielded: boolean): Verdict<Grant> => {
    if (!verification.isValid) return refuse(verification.reason, verification)
    const { grant, limits } = verification
    const { keyId, ownerId, environment } = grant
    tell(observe, { type: 'api-key.accepted', keyId, ownerId, environment })
    const usual = isShielded ? headers.shielded : headers.exposed
    return { kind: 'pass', grant, caller: ownerId, headers: limits ? [...usual, ...limitFields(limits)] : usual }
  }

  return observedGuard<Grant>(observe, 'api-key.verify', (request) => {
    if (requireHttps && !/^https:/i.test(request.url)) return refuse('plain-http')
    if (allowPreflight && isPreflight(request)) return anonymous
    const located = locate(request)
    if (located.kind === 'missing' && optional) return anonymous
    if (located.kind !== 'key') return refuse(located.kind)
    const { key, isShielded } = located
    let verification: Awaitable<Verification<Scope>>
    try {
      verification = keys.verify(key, requirements, request)
    } catch (error) {
      return unavailable(error)
    }
    if (!isPromise(verification)) return conclude(verification, isShielded)
    return verification.then((late) => conclude(late, isShielded), unavailable)
  })
}

function awaitsRefill(invalid: InvalidKey | undefined): boolean {
  return invalid?.reason === 'quota-exceeded' && invalid.retryAfterSeconds !== undefined
}

/** By the method on the wire: a POST that calls itself OPTIONS in a field is a POST. */
function isPreflight({ method, headers }: GuardRequest): boolean {
  return method === 'OPTIONS' && Boolean(headers.get('origin')) && Boolean(headers.get('access-control-request-method'))
}

/** What the handler's reply gains, so that no cache hands one caller's reply to another. */
function passHeaders(fields: readonly string[]): Record<'shielded' | 'exposed', ReplyHeaders> {
  const vary = [...new Set(fields)].join(', ')
  const shielded: ReplyHeaders = vary === '' ? [] : [['vary', vary]]
  return { shielded, exposed: [['cache-control', 'private'], ...shielded] }
}
