import { linearize } from './linearize.js'
import type { Operation } from './operation.js'
import type { RecordModel } from './record-model.js'

const isWithoutEffect = ({ answer }: Operation) =>
  answer !== undefined && /^(stale|running|mismatch|lapsed|settled|tombstone|live|absent)/.test(answer.says)

/**
 * A shorter history that has no order either, and could have been seen as well: what came after the first answer that cannot be
 * explained is cut off, and what changed nothing is left out wherever there is no order without it. Nothing that had an effect goes:
 * a settlement whose claim was left out would look like a fault of the store.
 */
export function shrink(history: readonly Operation[], model: RecordModel): Operation[] {
  const hasNoOrder = (operations: readonly Operation[]) => linearize(operations, model).isLinearizable === false
  const ends = history.flatMap(({ ended }) => ended ?? []).sort((a, b) => a - b)
  // A part of a history that has an order has one, too: the first end at which there is none is found by halving.
  let [good, bad] = [0, ends.length - 1]
  while (good < bad) {
    const middle = Math.floor((good + bad) / 2)
    if (hasNoOrder(until(history, ends[middle]!))) bad = middle
    else good = middle + 1
  }
  let shortest = until(history, ends[bad]!)
  for (const operation of shortest) {
    const without = shortest.filter((each) => each !== operation)
    if (isWithoutEffect(operation) && hasNoOrder(without)) shortest = without
  }
  return shortest
}

/** The history as it was known at this position: what was going on had no answer yet. */
function until(history: readonly Operation[], position: number): Operation[] {
  return history
    .filter(({ began }) => began < position)
    .map((operation) => {
      if (operation.ended === undefined || operation.ended <= position) return operation
      const { ended: _, endedMs: __, answer: ___, ...open } = operation
      return open
    })
}
