/**
 * A member of a JSON body, name by name; `undefined` where the body is no JSON or has no such member. For bodies that are
 * verified: what is signed is the bytes, and this is only a reading of them.
 */
export function readBodyMember(body: Uint8Array, path: readonly string[]): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    // What stood beside the one that is read would be signed by nobody.
    if (Array.isArray(value) && value.length !== 1) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}
