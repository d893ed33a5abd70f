import type { Awaitable } from '@latchkey/core'

/** What a guard is told it never throws at. One that does all the same must not take the reply along. */
export function atOnce<T>(question: () => Awaitable<T | undefined>): Awaitable<T | undefined> {
  try {
    return question()
  } catch {
    return undefined
  }
}
