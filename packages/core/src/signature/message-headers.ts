import type { RequestHeaders } from '../guard.js'

/** Header fields as plain data, names in any case; a list stands for a field that comes on several lines. */
export type MessageHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Plain header fields, as a guard reads a request's. */
export function messageHeaders(headers: MessageHeaders): RequestHeaders {
  const lines = new Map<string, string[]>()
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    const known = lines.get(name.toLowerCase()) ?? []
    lines.set(name.toLowerCase(), [...known, ...(typeof value === 'string' ? [value] : value)])
  }
  return {
    get: (name) => lines.get(name)?.join(', ') ?? null,
    count: (name) => lines.get(name)?.length ?? 0,
    lines: (name) => lines.get(name) ?? [],
  }
}
