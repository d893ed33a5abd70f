/**
 * What a key is granted: a scope, or one in which `*` stands in place of whole segments. A bare `*` grants everything.
 * With a union of scopes as `Scope` the compiler refuses any other.
 */
export type ScopeGrant<Scope extends string = string> =
  | Scope
  | '*'
  | `*:${string}`
  | `${string}:*`
  | `${string}:*:${string}`

const mostCharacters = 128

/** `resource:action`: one to four segments of `[a-z0-9_.-]+`. */
export function isScope(text: unknown): text is string {
  return typeof text === 'string' && text.length <= mostCharacters && /^[a-z0-9_.-]+(?::[a-z0-9_.-]+){0,3}$/.test(text)
}

/** As {@link isScope}, and each segment may be `*`. */
export function isScopeGrant(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length <= mostCharacters &&
    /^(?:\*|[a-z0-9_.-]+)(?::(?:\*|[a-z0-9_.-]+)){0,3}$/.test(text)
  )
}

/**
 * Whether one of the grants covers the required scope. `*` stands for exactly one segment: `payments:*` covers
 * `payments:read`, and neither `payments` nor `payments:refunds:read`.
 *
 * @param required a scope without `*`.
 */
export function isGranted(granted: readonly string[], required: string): boolean {
  return granted.some(
    (grant) => grant === required || grant === '*' || (grant.includes('*') && covers(grant, required)),
  )
}

/**
 * Whether who has been granted `granted` can hand `grant` on without handing on more than that. As {@link isGranted}, a `*` of
 * `grant` being covered by a `*` alone.
 */
export function mayHandOn(granted: readonly string[], grant: string): boolean {
  return isScopeGrant(grant) && isGranted(granted, grant)
}

function covers(grant: string, required: string): boolean {
  const asked = required.split(':')
  const given = grant.split(':')
  return given.length === asked.length && given.every((segment, at) => segment === '*' || segment === asked[at])
}
