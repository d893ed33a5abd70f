import type { Awaitable } from '@latchkey/core'

/** Whether a guard or a store answers later; what answers at once costs no promise. */
export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/** What a guard is told it never throws at. One that does all the same must not take the reply along. */
export function atOnce<T>(question: () => Awaitable<T | undefined>): Awaitable<T | undefined> {
  try {
    return question()
  } catch {
    return undefined
  }
}
