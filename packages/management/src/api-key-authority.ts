import { type ApiKeyGrant, ConfigurationError, isScopeGrant } from '@latchkey/core'
import { Authority, type ManagementAuthority } from './authority.js'
import type { Authorize } from './management-options.js'

/**
 * An `authorize` for holders of a key with a certain scope: such a key manages keys of its own owner and environment, and gives them
 * no scope that it has not itself. `apiKey` is mounted before, under its usual name.
 *
 * @remarks Insecure if the key's own limits are to hold for the keys that it issues: those have the `defaults` given here, and no
 * others.
 *
 * @example
 * ```ts
 * import { apiKey, type ApiKeys, sequence } from '@latchkey/core'
 * import { apiKeyAuthority, keyManagement } from '@latchkey/management'
 *
 * export const management = (keys: ApiKeys) =>
 *   sequence({ apiKey: apiKey({ keys }), management: keyManagement({ keys, authorize: apiKeyAuthority('keys:admin') }) })
 * ```
 *
 * @param scope what the key must be granted.
 * @param limits what of all this its holder may do, all of it by default; see {@link ManagementAuthority}.
 * @throws ConfigurationError naming what does not fit.
 */
export function apiKeyAuthority(
  scope: string,
  limits: Partial<Pick<ManagementAuthority, 'actions' | 'fields' | 'defaults'>> = {},
): Authorize {
  if (!isScopeGrant(scope) || scope.includes('*')) {
    throw new ConfigurationError('invalid-option', 'apiKeyAuthority: "scope" must be a scope such as "keys:admin"')
  }
  // What does not fit is found now, not with the first request.
  new Authority({ actor: 'nobody', actions: 'every', ...limits, ownerIds: [], scopes: [] })
  return (_request, prior) => {
    const grant = prior.get('apiKey') as ApiKeyGrant | undefined
    if (!grant?.has(scope)) return undefined
    const { keyId, ownerId, environment, scopes } = grant
    return { actor: keyId, actions: 'every', ...limits, ownerIds: [ownerId], environments: [environment], scopes }
  }
}
