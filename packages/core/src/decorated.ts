/**
 * A copy of the object, with what it holds as `seen` hands it out. Its methods go on working on the object itself, which may have
 * private members.
 */
export function decorated<Target extends object>(
  target: Target,
  seen: (name: string, value: unknown) => unknown,
): Target {
  const copy: Record<string, unknown> = {}
  // The root of all objects has none above it, and is another one in each realm: test runners make realms.
  const isRoot = (level: object | null) => level === null || (level !== target && Object.getPrototypeOf(level) === null)
  for (let level: object = target; !isRoot(level); level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name === 'constructor' || Object.hasOwn(copy, name)) continue
      const value = target[name as keyof Target] as unknown
      copy[name] = seen(name, typeof value === 'function' ? value.bind(target) : value)
    }
  }
  return copy as Target
}
