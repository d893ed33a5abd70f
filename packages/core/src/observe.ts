import { isPromise } from './deadline.js'
import type { Guard } from './guard.js'

/** A piece of a guard's own work, as long as it takes: what a tracer opens a span around. The handler is in none of them. */
export type ObservedWork =
  /** All that `apiKey` does with a request. */
  | 'api-key.verify'
  /** From a valid `Idempotency-Key` to the store's answer: the body, its fingerprint, the claim, and waiting where that is on. */
  | 'idempotency.claim'
  /** From the handler's reply to its record. */
  | 'idempotency.settle'
  /** All that `signature`, or another guard of messages, does with a request; reading the body is in it. */
  | 'signature.verify'
  | 'secret-scanning.answer'
  | 'management.answer'

/**
 * Where a guard tells what it decided and why: the reasons that no client is told. Never awaited, and what it throws is
 * dropped: an observer cannot fail a request.
 */
export interface Observe<Event> {
  (event: Event): void
  /**
   * Runs a piece of the guard's work, once and at once, and answers what it answers; where it does not, the guard goes on as
   * if there were no observer. Guards whose observer has none call nothing for it.
   */
  readonly around?: <T>(work: ObservedWork, run: () => T) => T
}

/** Tells `observe`, if there is one. */
export function tell<Event>(observe: Observe<Event> | undefined, event: Event): void {
  if (observe === undefined) return
  try {
    observe(event)
  } catch {
    // An observer's own fault must not turn into a refusal or a second reply.
  }
}

type Around = Observe<never> | undefined

/** What `run` answers or throws, run exactly once, within what the observer has around it. */
export function around<T>(observe: Around, work: ObservedWork, run: () => T): T {
  if (observe?.around === undefined) return run()
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined
  const once = (): T => {
    outcome ??= attempt(run)
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }
  try {
    const answer = observe.around(work, once) as unknown
    // A promise of the observer's own is nobody's: its rejection must not end the process.
    if (isPromise(answer)) answer.then(undefined, () => {})
  } catch {
    // Its own fault is dropped; one of `run` is thrown below.
  }
  return once()
}

function attempt<T>(run: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: run() }
  } catch (error) {
    return { error }
  }
}

/** The guard within what its observer has around it: the guard itself, where that is nothing. */
export function observedGuard<Grant>(observe: Around, work: ObservedWork, guard: Guard<Grant>): Guard<Grant> {
  if (observe?.around === undefined) return guard
  return (request, prior) => around(observe, work, () => guard(request, prior))
}

/**
 * One observer made of several: each is told of every event, and the first that has an `around` has the others' within it.
 *
 * @example
 * ```ts
 * import { type ApiKeys, apiKey, type Observe, observers } from '@latchkey/core'
 *
 * type Anything = { readonly type: string }
 * export const guarded = (keys: ApiKeys, metrics: Observe<Anything>, log: Observe<Anything>) =>
 *   apiKey({ keys, observe: observers(metrics, log) })
 * ```
 */
export function observers<Event>(...list: readonly Observe<Event>[]): Observe<Event> {
  const all = (event: Event): void => {
    for (const observe of list) tell(observe, event)
  }
  const tracers = list.filter((observe) => observe.around !== undefined)
  if (tracers.length === 0) return all
  return Object.assign(all, {
    around: <T>(work: ObservedWork, run: () => T): T =>
      tracers.reduceRight<() => T>((inner, tracer) => () => around(tracer, work, inner), run)(),
  })
}
