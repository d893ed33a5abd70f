/** How often the handler has run in this process. */
export interface Runs {
  /** Counts one run and answers its number, from 1. */
  count(owner: string | null): number
  show(): { readonly total: number; readonly byOwner: Readonly<Record<string, number>> }
  reset(): void
}

export function runCounter(): Runs {
  let total = 0
  const byOwner = new Map<string, number>()
  return {
    count: (owner) => {
      const name = owner ?? 'nobody'
      byOwner.set(name, (byOwner.get(name) ?? 0) + 1)
      return ++total
    },
    show: () => ({ total, byOwner: Object.fromEntries(byOwner) }),
    reset: () => {
      total = 0
      byOwner.clear()
    },
  }
}
