import type { Effort, Goal, Group, Row } from './area.js'
import { type Contender, interleave, type SelfTimed, type Timings } from './interleave.js'
import { paired, spreadOf } from './spread.js'

/** A ratio of times: `of` over `to`. */
export interface RatioGoal {
  readonly of: string
  readonly to: string
  readonly atMost: number
}

/** Times the subjects in interleaved rounds; each is compared with the first of kind `floor`, round by round. */
export async function timedGroup(
  title: string,
  subjects: readonly (Contender | SelfTimed)[],
  goals: readonly RatioGoal[],
  effort: Effort,
): Promise<Group> {
  const timings = await interleave(subjects, effort)
  const floor = subjects.find(({ kind }) => kind === 'floor')?.name
  const rows = subjects.map(({ name, kind, remark }): Row => {
    const own = timings.get(name)!
    const ratio = floor === undefined ? undefined : paired(own, timings.get(floor)!, (our, their) => our / their)
    return { name, kind, ...(remark !== undefined && { remark }), cells: [spreadOf(own), ratio] }
  })
  const columns = [
    { title: 'time', unit: 'ns' },
    { title: 'to the floor', unit: 'ratio' },
  ] as const
  return { title, columns, rows, goals: goals.map((goal) => reached(goal, timings)) }
}

function reached({ of, to, atMost }: RatioGoal, timings: Timings): Goal {
  const ratio = paired(timings.get(of)!, timings.get(to)!, (our, their) => our / their)
  const bound = atMost < 0.01 || atMost === 1 / 6 ? `1/${Math.round(1 / atMost)}` : atMost
  return {
    text: `${of} takes at most ${bound} of ${to}`,
    bound: 'at most',
    target: atMost,
    reached: ratio.median,
  }
}
