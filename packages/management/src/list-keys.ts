import type { ApiKeyPage } from '@latchkey/core'
import { type Authority, isAmong, onlyOne } from './authority.js'
import { keyRepresentation } from './key-representation.js'
import type { Operation } from './operation.js'
import { forbidden, invalid, json, type Refused } from './replies.js'

/** Lists the keys that the sender may see, in the order of ids, a page at a time. A page may be short, or empty, before the last. */
export const listKeys: Operation = {
  action: 'read',
  query: ['ownerId', 'environment', 'nameContains', 'cursor', 'limit'],
  run: async ({ keys, authority, query }) => {
    const read = readPage(query, authority)
    if ('code' in read) return read
    const page = await keys.list(read.page)
    // The store filters by one environment: of several the rest is left out here, and the cursor passes over it.
    const seen = page.filter((key) => authority.reaches(key))
    return { reply: json(200, { keys: seen.map(keyRepresentation), next: page.at(-1)?.id ?? null }) }
  },
}

function readPage(query: URLSearchParams, authority: Authority): { readonly page: ApiKeyPage } | Refused {
  const given = (name: string) => query.get(name) ?? undefined
  const { ownerIds, environments } = authority
  const ownerId = given('ownerId') ?? onlyOne(ownerIds)
  if (ownerId === undefined && ownerIds !== 'every') return invalid('ownerId', 'one of the owners whose keys these are')
  const environment = given('environment') ?? onlyOne(environments)
  const isBarred =
    (ownerId !== undefined && !isAmong(ownerIds, ownerId)) ||
    (environment !== undefined && !isAmong(environments, environment))
  if (isBarred) return { ...forbidden, detail: 'The sender of this request may not see these keys.' }
  const limit = given('limit')
  if (limit !== undefined && !/^\d{1,4}$/.test(limit)) return invalid('limit', 'a whole number from 1 to 1000')
  const page = {
    ownerId,
    environment,
    nameContains: given('nameContains'),
    after: given('cursor'),
    limit: limit === undefined ? undefined : Number(limit),
  }
  return { page: Object.fromEntries(Object.entries(page).filter(([, value]) => value !== undefined)) as ApiKeyPage }
}
