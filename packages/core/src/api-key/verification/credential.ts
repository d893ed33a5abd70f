import type { GuardRequest, RequestHeaders } from '../../guard.js'

/** One place in which a request may carry a key. */
export type CredentialPlace =
  /** `Authorization: <scheme> <key>`; the scheme in any case (RFC 9110 section 11.1), then one space. */
  | { readonly scheme: string }
  /** A header field that holds the key and nothing else. */
  | { readonly header: string }
  /**
   * A parameter of the URL's query.
   *
   * @remarks Insecure if the client, the server or anything between keeps URLs: histories, logs, `Referer`.
   */
  | { readonly query: string }

/** What was found on a request. */
export type Located =
  /** `isShielded`: shared caches do not store the reply to a request with `Authorization` (RFC 9111 section 3.5). */
  | { readonly kind: 'key'; readonly key: string; readonly isShielded: boolean }
  /** There is a credential, and it is none of ours. */
  | { readonly kind: 'foreign' }
  /** A field came twice, or there are keys of ours in two places. */
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'missing' }

/** Where keys are looked for unless the guard is told otherwise. */
export const defaultPlaces: readonly CredentialPlace[] = [{ scheme: 'Bearer' }, { header: 'X-API-Key' }]

/** What is in a place; empty: there is nothing; `null`: it came more than once. */
type Look = (request: GuardRequest) => string | null

/**
 * Finds the key on a request. It looks in every place, whatever is in the one before: two keys are one too many, and a
 * token of somebody else's (a JWT in `Authorization`) hides none of ours.
 *
 * @param isKey what tells a key of ours from any other credential.
 */
export function credentialLocator(
  places: readonly CredentialPlace[],
  isKey: (text: string) => boolean,
): (request: GuardRequest) => Located {
  const looks = places.map((place) => ({ look: lookIn(place), isShielded: fieldOf(place) === 'authorization' }))
  return (request) => {
    let found: Located = missing
    for (const { look, isShielded } of looks) {
      const value = look(request)
      if (value === null) return ambiguous
      if (value === '') continue
      const isOurs = isKey(value)
      if (isOurs && found.kind === 'key') return ambiguous
      if (isOurs) found = { kind: 'key', key: value, isShielded }
      else if (found.kind === 'missing') found = foreign
    }
    return found
  }
}

const missing: Located = { kind: 'missing' }
const foreign: Located = { kind: 'foreign' }
const ambiguous: Located = { kind: 'ambiguous' }

/** The header field of a place, in lower case; a parameter of the query has none. */
export function fieldOf(place: CredentialPlace): string | undefined {
  if ('scheme' in place) return 'authorization'
  return 'header' in place ? place.header.toLowerCase() : undefined
}

function lookIn(place: CredentialPlace): Look {
  if ('scheme' in place) return underScheme(place.scheme.toLowerCase())
  if ('header' in place) return inField(place.header.toLowerCase())
  return inQuery(place.query)
}

function underScheme(scheme: string): Look {
  return ({ headers }) => {
    const value = fieldValue(headers, 'authorization')
    if (value === null || value.slice(0, scheme.length).toLowerCase() !== scheme) return value && ''
    const rest = value.slice(scheme.length)
    // One space is taken off. With another space or a tab in front, what is left is a credential, and none of ours.
    return /^[ \t]/.test(rest) ? rest.replace(/^ /, '') : ''
  }
}

function inField(name: string): Look {
  return ({ headers }) => fieldValue(headers, name)
}

function inQuery(name: string): Look {
  return ({ url }) => {
    const values = URL.canParse(url) ? new URL(url).searchParams.getAll(name) : []
    return values.length > 1 ? null : (values[0] ?? '')
  }
}

function fieldValue(headers: RequestHeaders, name: string): string | null {
  return headers.count(name) > 1 ? null : (headers.get(name) ?? '')
}
