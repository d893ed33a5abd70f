/**
 * The members of a JSON body, name by name; `undefined` where the body is no JSON or has no such member. It is parsed when the first
 * is asked for, and once. For bodies that are verified: what is signed is the bytes, and this is only a reading of them.
 */
export function bodyMembers(body: Uint8Array): (path: readonly string[]) => unknown {
  let parsed: { readonly value: unknown } | undefined
  return (path) => {
    parsed ??= { value: parse(body) }
    return memberOf(parsed.value, path)
  }
}

/** One member alone. */
export function readBodyMember(body: Uint8Array, path: readonly string[]): unknown {
  return memberOf(parse(body), path)
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

function memberOf(whole: unknown, path: readonly string[]): unknown {
  let value = whole
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    // What stood beside the one that is read would be signed by nobody.
    if (Array.isArray(value) && value.length !== 1) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}
