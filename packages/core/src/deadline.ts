import { StoreError } from './errors.js'
import type { Awaitable } from './guard.js'

/** Whether a store or a guard answers later. A value that is here already needs neither a promise nor a timer. */
export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/** What `next` makes of a value: at once where the value is there, or else when it comes. */
export function chained<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPromise(value) ? value.then(next) : next(value)
}

/**
 * What `work` answers, or a {@link StoreError} after `seconds`. An answer that comes at once is handed on at once, and a
 * throw becomes a rejection only where `work` was going to answer later.
 *
 * @param work is handed what tells it whether its time is over.
 * @remarks The work itself goes on after the deadline: whatever it does then has to be harmless.
 */
export function within<T>(seconds: number, work: (isLate: () => boolean) => Awaitable<T>): Awaitable<T> {
  let isOver = false
  const answer = work(() => isOver)
  if (!isPromise(answer)) return answer
  return inTime(seconds, answer, () => {
    isOver = true
  })
}

/**
 * What an answer that is on its way comes to, or a {@link StoreError} after `seconds`.
 *
 * @param late called when the time is over.
 */
export function inTime<T>(seconds: number, answer: PromiseLike<T>, late: () => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      late()
      reject(new StoreError('timeout', `The store did not answer within ${seconds} s`))
    }, seconds * 1000)
    answer.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
