import { ConfigurationError } from '../errors.js'
import type { Awaitable, Grants, GuardRequest } from '../guard.js'
import type { ScopeFunction } from './options.js'
import type { RecordScope } from './record-id.js'

/**
 * The scope of one request. Where it is to be the caller's, the caller is known to be there.
 *
 * @throws ConfigurationError where a function answers nothing: a shared scope is only ever asked for by name.
 */
export function scopeOf(
  scope: 'caller' | 'everyone' | ScopeFunction,
  request: GuardRequest,
  prior: Grants,
): Awaitable<RecordScope> {
  if (scope === 'everyone') return { kind: 'everyone' }
  if (scope === 'caller') return { kind: 'caller', value: prior.caller as string }
  return ownScope(scope, request, prior)
}

async function ownScope(own: ScopeFunction, request: GuardRequest, prior: Grants): Promise<RecordScope> {
  const value: unknown = await own(request, prior)
  if (typeof value === 'string' && value !== '') return { kind: 'custom', value }
  throw new ConfigurationError(
    'no-caller',
    `idempotency: the function given as "scope" must answer a text that is not empty, it answered ${value === '' ? 'an empty one' : typeof value}`,
  )
}

/**
 * Whether the caller is known, where keys are kept apart by caller; `false`: a guard has looked and found no credential.
 *
 * @throws ConfigurationError where no guard has looked.
 */
export function hasScope(scope: 'caller' | 'everyone' | ScopeFunction, prior: Grants): boolean {
  if (scope !== 'caller') return true
  if (prior.caller === undefined || prior.caller === '') {
    throw new ConfigurationError(
      'no-caller',
      "idempotency: scope: 'caller' needs a guard that finds the caller, such as apiKey, mounted before it",
    )
  }
  return prior.caller !== null
}
