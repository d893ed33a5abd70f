import type { Operation } from './operation.js'
import { type RecordModel, type RecordState, stateKey } from './record-model.js'

/** Whether a history has an order; where it has none, the longest part of one, and what could not be put behind it. */
export type Verdict =
  | { readonly isLinearizable: true }
  | { readonly isLinearizable: false; readonly order: readonly Operation[]; readonly state: RecordState }
  /** The search was given up. */
  | { readonly isLinearizable: undefined }

const mostNodes = 200_000

/**
 * Looks for an order of one key's operations in which each answer is what one record would have answered, and in which no operation
 * stands before one that ended before it began: the search of Wing and Gong, with Lowe's memory of what was tried before. Operations
 * without an answer may stand anywhere after they began, or nowhere.
 */
export function linearize(history: readonly Operation[], model: RecordModel): Verdict {
  const operations = [...history].sort((a, b) => a.began - b.began)
  const endOf = ({ ended = Number.POSITIVE_INFINITY }: Operation) => ended
  const answered = operations.filter(({ answer }) => answer !== undefined).length
  const tried = new Set<string>()
  let farthest: { order: Operation[]; state: RecordState; answered: number } = {
    order: [],
    state: undefined,
    answered: -1,
  }
  const order: Operation[] = []

  const search = (done: bigint, state: RecordState, count: number): boolean => {
    if (count > farthest.answered) farthest = { order: [...order], state, answered: count }
    if (count === answered) return true
    const node = `${done} ${stateKey(state)}`
    if (tried.has(node)) return false
    if (tried.size >= mostNodes) throw new TooLong()
    tried.add(node)
    const open = operations
      .map((operation, index) => ({ operation, index }))
      .filter(({ index }) => !isDone(done, index))
    const firstEnd = Math.min(...open.map(({ operation }) => endOf(operation)))
    const next = open
      .filter(({ operation }) => operation.began < firstEnd)
      .map((each) => ({ ...each, states: model.after(state, each.operation) }))
    const put = ({ operation, index }: (typeof next)[number], after: RecordState): boolean => {
      order.push(operation)
      const isFound = search(done | (1n << BigInt(index)), after, count + (operation.answer === undefined ? 0 : 1))
      if (!isFound) order.pop()
      return isFound
    }
    // What is right here and changes nothing can stand here whatever comes later: nothing else need be tried.
    const idle = next.find(({ operation, states }) => operation.answer !== undefined && states.includes(state))
    if (idle !== undefined) return put(idle, state)
    return next.some((each) =>
      each.states.some((after) => isWorthwhile(each.operation, state, after) && put(each, after)),
    )
  }

  try {
    if (search(0n, undefined, 0)) return { isLinearizable: true }
  } catch (error) {
    if (error instanceof TooLong) return { isLinearizable: undefined }
    throw error
  }
  return { isLinearizable: false, order: farthest.order, state: farthest.state }
}

class TooLong extends Error {}

function isDone(done: bigint, index: number): boolean {
  return ((done >> BigInt(index)) & 1n) === 1n
}

/** What was not answered and changes nothing explains nothing. */
function isWorthwhile({ answer }: Operation, before: RecordState, after: RecordState): boolean {
  return answer !== undefined || before !== after
}
