import {
  ApiKeyLifecycleError,
  around,
  ConfigurationError,
  type Grants,
  type Guard,
  type GuardRequest,
  type RefusalCode,
  type Reply,
  tell,
  within,
} from '@latchkey/core'
import { Authority, type ManagementAction } from './authority.js'
import { managementDescription } from './description.js'
import type { ManagementEvent } from './events.js'
import { noMembers, readMembers } from './json-body.js'
import { type KeyManagementOptions, managementSettings } from './management-options.js'
import type { Operation, Outcome } from './operation.js'
import { operations } from './operations.js'
import { forbidden, invalid, json, type Refused, refused } from './replies.js'
import { pathOf, type Route, router } from './router.js'

/**
 * A management API for API keys, as a guard that answers every request under `basePath` itself and lets all others pass. It is mounted
 * like any guard, before body parsers, and does nothing that `authorize` does not allow to who asks.
 *
 * @example
 * ```ts
 * import type { ApiKeys } from '@latchkey/core'
 * import { keyManagement } from '@latchkey/management'
 *
 * export const management = (keys: ApiKeys, adminOf: (cookie: string | null) => Promise<string | undefined>) =>
 *   keyManagement({
 *     keys,
 *     authorize: async ({ headers }) => {
 *       const tenant = await adminOf(headers.get('cookie'))
 *       if (tenant === undefined) return undefined
 *       return { actor: `admin of ${tenant}`, actions: 'every', ownerIds: [tenant], scopes: ['payments:*'] }
 *     },
 *   })
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit; without `authorize` there is no management API.
 */
export function keyManagement(options: KeyManagementOptions): Guard<undefined> {
  const settings = managementSettings(options)
  const { keys, basePath, problemBaseUrl, storeTimeoutSeconds, observe } = settings
  const description = managementDescription({ basePath })
  const routeOf = router(basePath, {
    ...operations,
    '/openapi.json': { GET: { run: async () => ({ reply: json(200, description) }) } },
  })

  const failed = (error: unknown, code: RefusalCode): Refused => {
    tell<ManagementEvent>(observe, { type: 'management.failed', error })
    return { code }
  }

  const authorityOf = async (request: GuardRequest, prior: Grants): Promise<Authority | Refused> => {
    try {
      const given = await within(settings.authorizeTimeoutSeconds, () => settings.authorize(request, prior))
      return given === undefined || given === null ? forbidden : new Authority(given)
    } catch (error) {
      return failed(error, 'management-unavailable')
    }
  }

  const carryOut = async (request: GuardRequest, { operation, id }: Route, authority: Authority): Promise<Outcome> => {
    if (operation.action !== undefined && !authority.may(operation.action)) return forbidden
    const query = readQuery(request.url, operation)
    if ('code' in query) return query
    const body = operation.body ? await readMembers(request, operation.body, settings) : { members: noMembers }
    if ('code' in body) return body
    const known = { keys, authority, basePath, id, ...query, ...body }
    try {
      return await within(storeTimeoutSeconds, (isLate) => operation.run({ ...known, isLate }))
    } catch (error) {
      const isAsked = (name: string) => Object.hasOwn(body.members, name) || query.query.has(name)
      return refusalOf(error, isAsked) ?? failed(error, 'api-key-store-unavailable')
    }
  }

  const refuse = (refusal: Refused, actor?: string, action?: ManagementAction): Reply => {
    const { code } = refusal
    tell<ManagementEvent>(observe, {
      type: 'management.refused',
      code,
      ...(actor && { actor }),
      ...(action && { action }),
    })
    return refused(refusal, problemBaseUrl)
  }

  const answer = async (request: GuardRequest, prior: Grants, route: Route | Refused): Promise<Reply> => {
    if ('code' in route) return refuse(route)
    const { action } = route.operation
    const authority = await authorityOf(request, prior)
    if ('code' in authority) return refuse(authority, undefined, action)
    const { actor } = authority
    const outcome = await carryOut(request, route, authority)
    if ('code' in outcome) return refuse(outcome, actor, action)
    const { reply, ...about } = outcome
    if (action !== undefined) tell<ManagementEvent>(observe, { type: 'management.done', actor, action, ...about })
    return reply
  }

  return async (request, prior) => {
    const route = routeOf(request.method, pathOf(request.url))
    if (route === undefined) return { kind: 'pass', grant: undefined }
    const reply = await around(observe, 'management.answer', () => answer(request, prior, route))
    return { kind: 'reply', reply }
  }
}

/** Faults that the request has brought about. `defaults` of an authority that do not fit are none of them. */
function refusalOf(error: unknown, isAsked: (name: string) => boolean): Refused | undefined {
  if (error instanceof ApiKeyLifecycleError) {
    if (error.fault === 'absent') return { code: 'management-not-found' }
    return { code: 'management-conflict', detail: `${error.message}.`, members: { fault: error.fault } }
  }
  if (!(error instanceof ConfigurationError) || error.fault === undefined) return undefined
  const { option, expected } = error.fault
  const name = outerNames[option] ?? option
  return isAsked(name.split('.', 1)[0]!) ? invalid(name, expected) : undefined
}

/** What is called otherwise in requests than in code. */
const outerNames: Readonly<Record<string, string>> = { expiresAt: 'expiresAtMs', after: 'cursor' }

/** A parameter that is not known, or comes twice, is refused: what was meant by it would not be done. */
function readQuery(url: string, { query: known = [] }: Operation): { readonly query: URLSearchParams } | Refused {
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1])
  const names = [...query.keys()]
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) return invalid(unknown, 'left out: there is no such parameter')
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  return repeated === undefined ? { query } : invalid(repeated, 'given once')
}
