import { usageError } from './exit-codes.js'

/**
 * Header fields from lines `name: value`.
 *
 * @throws CommandError where a line is none; it is not repeated, since it may be secret.
 */
export function headersFrom(lines: readonly string[]): (readonly [name: string, value: string])[] {
  return lines.map((line) => {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw usageError("a header is 'name: value'")
    return [name.toLowerCase(), value] as const
  })
}

/** The same by name, every line of a field that came more than once. */
export function headersByName(lines: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {}
  for (const [name, value] of headersFrom(lines)) {
    headers[name] = [...(Object.hasOwn(headers, name) ? headers[name]! : []), value]
  }
  return headers
}
