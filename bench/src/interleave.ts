import type { Effort, Subject } from './area.js'

/** Something to measure in this process. */
export interface Contender extends Subject {
  /** How many of what is counted one run makes. */
  readonly perRun?: number
  /** Called before each slice, outside the time: a new store, so that no slice meets what those before it have left. */
  fresh?(): void
  /** Does the work once. What it returns is kept, so that no compiler takes the work away; a promise is awaited. */
  run(): unknown
}

/** Something that measures itself, in a process of its own for instance: nanoseconds, once a round. */
export interface SelfTimed extends Subject {
  time(): number | Promise<number>
}

/** Nanoseconds a piece, one for each round, by the subject's name. */
export type Timings = ReadonlyMap<string, readonly number[]>

/** Where every result goes: a property of an object, which no compiler takes away. */
const kept: { last: unknown } = { last: undefined }

const warmUpSlices = 3

/**
 * Measures all of them in turns, a slice each and a round after the other, so that whatever disturbs the machine meets them
 * all. Libraries that measure one task to its end before the next cannot do that, and time every call, which costs as much as the
 * smallest of these.
 */
export async function interleave(subjects: readonly (Contender | SelfTimed)[], effort: Effort): Promise<Timings> {
  const timings = new Map(subjects.map(({ name }) => [name, [] as number[]]))
  const timers = new Map<string, () => Promise<number>>()
  for (const subject of subjects) timers.set(subject.name, await timerOf(subject, effort.sliceMs))
  for (let round = 0; round < effort.rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      // Each begins a round in its turn: none always runs behind the same other.
      const { name } = subjects[(turn + round) % subjects.length]!
      timings.get(name)!.push(await timers.get(name)!())
    }
  }
  return timings
}

/** Warms it up and finds how many runs fill a slice. */
async function timerOf(subject: Contender | SelfTimed, sliceMs: number): Promise<() => Promise<number>> {
  if ('time' in subject) return async () => subject.time()
  subject.fresh?.()
  const first = subject.run()
  const loop = first instanceof Promise ? laterLoop : atOnceLoop
  await first
  let runs = 1
  for (let warm = 0; warm < warmUpSlices; ) {
    const elapsedMs = (await timed(subject, loop, runs)) / 1e6
    if (elapsedMs >= sliceMs / 2) warm++
    runs = Math.max(1, Math.ceil(runs * Math.min(4, sliceMs / Math.max(elapsedMs, sliceMs / 8))))
  }
  return async () => (await timed(subject, loop, runs)) / runs / (subject.perRun ?? 1)
}

type Loop = (run: () => unknown, times: number) => void | Promise<void>

async function timed(subject: Contender, loop: Loop, runs: number): Promise<number> {
  subject.fresh?.()
  const began = process.hrtime.bigint()
  const running = loop(subject.run, runs)
  if (running !== undefined) await running
  return Number(process.hrtime.bigint() - began)
}

function atOnceLoop(run: () => unknown, times: number): void {
  for (let time = 0; time < times; time++) kept.last = run()
}

async function laterLoop(run: () => unknown, times: number): Promise<void> {
  for (let time = 0; time < times; time++) kept.last = await run()
}
