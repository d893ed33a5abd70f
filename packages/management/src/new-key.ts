import { type ApiKeyChanges, isScopeGrant, type NewApiKey } from '@latchkey/core'
import { type Authority, isAmong, onlyOne } from './authority.js'
import type { Members } from './json-body.js'
import { forbidden, invalid, type Refused } from './replies.js'

/** What a request asks of a key, held against what its sender may choose; core judges the values. */
export type Chosen<Fields> = { readonly chosen: Fields } | Refused

/** The members by which a key is changed. */
export function readChanges(members: Members, authority: Authority): Chosen<ApiKeyChanges> {
  const { scopes, ...fields } = members
  const refusal = scopes === undefined ? undefined : refusalOfScopes(scopes, authority)
  if (refusal !== undefined) return refusal
  const barred = Object.keys(fields).find((name) => !authority.mayChoose(name))
  if (barred !== undefined) {
    return {
      ...forbidden,
      detail: `The sender of this request may not choose "${barred}".`,
      members: { member: barred },
    }
  }
  const { expiresAtMs, ...others } = fields
  const changes = { ...others, ...(scopes !== undefined && { scopes }), ...end(expiresAtMs) }
  return { chosen: changes as ApiKeyChanges }
}

/** The end of a key, under the name that it has in code. */
export function end(expiresAtMs: unknown): { readonly expiresAt?: number | null } {
  return expiresAtMs === undefined ? {} : { expiresAt: expiresAtMs as number | null }
}

/** The members by which a key is made. */
export function readNewKey(members: Members, authority: Authority): Chosen<NewApiKey> {
  const { ownerId = onlyOne(authority.ownerIds), environment = firstOf(authority.environments), ...others } = members
  if (typeof ownerId !== 'string') return invalid('ownerId', 'a text of 1 to 255 characters')
  if (environment !== undefined && typeof environment !== 'string') return invalid('environment', 'a text')
  if (!isAmong(authority.ownerIds, ownerId)) {
    return { ...forbidden, detail: 'The sender of this request may not issue keys to this owner.' }
  }
  if (!isAmong(authority.environments, environment ?? '')) {
    return { ...forbidden, detail: 'The sender of this request may not issue keys for this environment.' }
  }
  const read = readChanges(others, authority)
  if ('code' in read) return read
  const { defaults } = authority
  return { chosen: { ...defaults, ...read.chosen, ...(environment !== undefined && { environment }), ownerId } }
}

function refusalOfScopes(scopes: unknown, authority: Authority): Refused | undefined {
  const isList = Array.isArray(scopes) && scopes.every(isScopeGrant)
  if (!isList) return invalid('scopes', 'a list of scopes such as "payments:read"')
  if (authority.mayGive(scopes)) return undefined
  return { ...forbidden, detail: 'The sender of this request may not give one of these scopes.' }
}

/** Nothing where any will do: core then takes the first. */
function firstOf(names: readonly string[] | 'every'): string | undefined {
  return names === 'every' ? undefined : names[0]
}
