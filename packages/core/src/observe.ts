/**
 * Where a guard tells what it decided and why: the reasons that no client is told. Never awaited, and what it throws is
 * dropped: an observer cannot fail a request.
 */
export type Observe<Event> = (event: Event) => void

/** Tells `observe`, if there is one. */
export function tell<Event>(observe: Observe<Event> | undefined, event: Event): void {
  if (observe === undefined) return
  try {
    observe(event)
  } catch {
    // An observer's own fault must not turn into a refusal or a second reply.
  }
}
