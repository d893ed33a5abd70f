/**
 * Milliseconds of the epoch from a clock that nobody can set: one second on it is one second, whatever happens to the wall
 * clock meanwhile, so that no lease ends early and nothing expires at once.
 */
export function steadyClock(): () => number {
  const { timeOrigin } = performance
  // Bound now: fake timers that are installed later stay outside.
  const elapsedMs = performance.now.bind(performance)
  return () => timeOrigin + elapsedMs()
}
