import {
  type ApiKeyInfo,
  type ApiKeyOptions,
  apiKey,
  type Guard,
  type Refusal,
  sequence,
  tell,
  within,
} from '@latchkey/core'
import { json, type Refused, refused } from './replies.js'

/** Options of `whoami`: those of `apiKey` but for what lets requests through without a key. */
export type WhoamiOptions<Scope extends string = string> = Omit<ApiKeyOptions<Scope>, 'optional' | 'allowPreflight'>

/**
 * Tells the holder of a key what it is: a guard that answers every request itself. The key is asked for, refused and used as by
 * `apiKey`: this request counts against its limits, and the reply carries what is left of them.
 *
 * @example
 * ```ts
 * import type { ApiKeys } from '@latchkey/core'
 * import { whoami } from '@latchkey/management'
 *
 * export const whoAmI = (keys: ApiKeys) => whoami({ keys, environment: 'live' })
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function whoami<Scope extends string = string>(options: WhoamiOptions<Scope>): Guard<never> {
  const asked = apiKey<Scope>({ ...options, optional: false, allowPreflight: false })
  const { keys, observe, problemBaseUrl, storeTimeoutSeconds = 1 } = options
  const refuse = (refusal: Refused): Refusal => ({ kind: 'reply', reply: refused(refusal, problemBaseUrl) })

  const methods: Guard<undefined> = ({ method }) =>
    method === 'GET' || method === 'HEAD'
      ? { kind: 'pass', grant: undefined }
      : refuse({ code: 'management-method-not-allowed', headers: [['allow', 'GET, HEAD']] })

  const answer: Guard<never> = async (_request, prior) => {
    const { keyId } = prior.get('apiKey') as { readonly keyId: string }
    let key: ApiKeyInfo | undefined
    try {
      key = await within(storeTimeoutSeconds, () => keys.get(keyId))
    } catch (error) {
      tell(observe, { type: 'api-key.store_failed', error })
    }
    // Also where it was deleted a moment ago: the next request is told so.
    return key === undefined
      ? refuse({ code: 'api-key-store-unavailable', detail: 'Try again shortly.' })
      : { kind: 'reply', reply: json(200, own(key)) }
  }

  return sequence({ methods, apiKey: asked, answer }) as Guard<never>
}

/** What the holder of a key may know of it. Metadata is the application's own. */
function own({ id, display, ownerId, environment, name, scopes, rateLimit, quota, expiresAtMs }: ApiKeyInfo) {
  return { id, display, ownerId, environment, name, scopes, rateLimit, quota, expiresAtMs }
}
