/** What several rounds of one measure came to. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
}

/** One series against another, round by round: what disturbs a round disturbs both, and falls out. */
export function paired(
  ours: readonly number[],
  theirs: readonly number[],
  compare: (our: number, their: number) => number,
): Spread {
  return spreadOf(ours.map((our, round) => compare(our, theirs[round]!)))
}
