/** A token of JSON that matters for where the names of an object stand. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g

/**
 * The members of a JSON object, none of which comes twice; `undefined` where the body is anything else. Strict UTF-8 without a
 * byte order mark (RFC 8259 section 8.1). Of two members of one name some readers take the first and others the last: what is
 * verified would then not be what is read.
 */
export function readObject(body: Uint8Array): ReadonlyMap<string, unknown> | undefined {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const members = new Map(Object.entries(value))
  return countNames(text) === members.size ? members : undefined
}

/** How many names stand in the outermost object of a text that is JSON. */
function countNames(text: string): number {
  let depth = 0
  let names = 0
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    else if (token === ':' && depth === 1) names += 1
  }
  return names
}
