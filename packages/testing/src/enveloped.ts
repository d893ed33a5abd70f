/** A JSON body with these members put into it, each at the path that the envelope names. */
export function enveloped(
  body: Uint8Array | string,
  envelope: Readonly<Record<string, readonly string[]>>,
  members: Readonly<Record<string, string>>,
): string {
  const message = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body))
  for (const [name, path] of Object.entries(envelope)) {
    const value = members[name]
    if (value !== undefined) place(message, path, value)
  }
  return JSON.stringify(message)
}

function place(message: Record<string, unknown>, path: readonly string[], value: string): void {
  const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, name) => {
    at[name] ??= {}
    return at[name] as Record<string, unknown>
  }, message)
  parent[path.at(-1)!] = value
}
