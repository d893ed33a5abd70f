import type { ReplyHeaders } from '../../guard.js'
import type { KeyLimit } from './key-meters.js'

/**
 * `RateLimit` and `RateLimit-Policy` as draft-ietf-httpapi-ratelimit-headers-10 has them: lists of strings (RFC 9651), one a limit,
 * with what is left (`r`) and seconds until there is more (`t`); how many requests (`q`) in how many seconds (`w`). A quota that
 * nothing refills allots nothing that a policy could tell.
 */
export function limitFields(limits: readonly KeyLimit[]): ReplyHeaders {
  const states = limits.map(({ name, remaining, resetSeconds }) =>
    item(name, { r: remaining, ...(resetSeconds !== null && { t: resetSeconds }) }),
  )
  const policies = limits.flatMap(({ name, limit, windowSeconds }) =>
    limit === null || windowSeconds === null ? [] : [item(name, { q: limit, w: windowSeconds })],
  )
  const fields = [
    ['ratelimit', states.join(', ')],
    ['ratelimit-policy', policies.join(', ')],
  ] as const
  return fields.filter(([, value]) => value !== '')
}

function item(name: string, parameters: Readonly<Record<string, number>>): string {
  return [`"${name}"`, ...Object.entries(parameters).map(([key, value]) => `${key}=${value}`)].join(';')
}
