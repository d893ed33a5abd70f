import { isPromise, within } from '../deadline.js'
import type { Awaitable, Guard, GuardRequest, Pass, Refusal, ReplyHeaders, Verdict } from '../guard.js'
import { tell } from '../observe.js'
import { credentialLocator, fieldOf } from './credential.js'
import type { ApiKeyRefusalReason } from './events.js'
import { type ApiKeyOptions, apiKeySettings } from './guard-options.js'
import { apiKeyRefusals } from './refusals.js'
import { isGranted } from './scopes.js'
import type { ApiKeyGrant, Verification } from './verification.js'

/** What `apiKey` grants: where the key is optional, perhaps nothing. */
export type ApiKeyGrantIf<Scope extends string, Optional extends boolean> = Optional extends true
  ? ApiKeyGrant<Scope> | undefined
  : ApiKeyGrant<Scope>

/**
 * The guard that asks who is calling, and whether they may. In this order: where the key is; its shape and checksum, which
 * cost no hash and no read; one read by its id; its secret, in constant time; revoked, disabled, expired; environment;
 * scopes. The caller of a request that passes is the key's owner.
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
  const { keys, environments, scopes, anyOf, places, optional, allowPreflight, storeTimeoutSeconds, observe } = settings
  const locate = credentialLocator(places, keys.recognises)
  const refusals = apiKeyRefusals(settings)
  const headers = passHeaders(places.flatMap((place) => fieldOf(place) ?? []))

  const mayDo = (granted: readonly string[]): boolean =>
    scopes.every((scope) => isGranted(granted, scope)) &&
    (anyOf.length === 0 || anyOf.some((scope) => isGranted(granted, scope)))

  const refuse = (reason: ApiKeyRefusalReason, keyId?: string): Refusal => {
    const { code, reply } = refusals[reason]
    tell(observe, { type: 'api-key.refused', code, reason, ...(keyId !== undefined && { keyId }) })
    return { kind: 'reply', reply }
  }

  const unavailable = (error: unknown): Refusal => {
    tell(observe, { type: 'api-key.store_failed', error })
    return refuse('store-unavailable')
  }

  /** Nobody is calling: the type of the grant says so only where the application has asked for it. */
  const anonymous: Pass<Grant> = { kind: 'pass', grant: undefined as Grant, caller: null, headers: headers.shielded }

  const conclude = (verification: Verification<Scope>, isShielded: boolean): Verdict<Grant> => {
    if (!verification.isValid) return refuse(verification.reason, verification.keyId)
    const { grant } = verification
    const { keyId, ownerId, environment } = grant
    if (environments !== undefined && !environments.includes(environment)) return refuse('environment-mismatch', keyId)
    if (!mayDo(grant.scopes)) return refuse('insufficient-scope', keyId)
    tell(observe, { type: 'api-key.accepted', keyId, ownerId, environment })
    return { kind: 'pass', grant, caller: ownerId, headers: isShielded ? headers.shielded : headers.exposed }
  }

  return (request) => {
    if (allowPreflight && isPreflight(request)) return anonymous
    const located = locate(request)
    if (located.kind === 'missing' && optional) return anonymous
    if (located.kind !== 'key') return refuse(located.kind)
    const { key, isShielded } = located
    let verification: Awaitable<Verification<Scope>>
    try {
      verification = within(storeTimeoutSeconds, () => keys.verify(key))
    } catch (error) {
      return unavailable(error)
    }
    if (!isPromise(verification)) return conclude(verification, isShielded)
    return verification.then((late) => conclude(late, isShielded), unavailable)
  }
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
