import type { Area, Effort, Goal, Group, Row } from '../area.js'
import { paired, spreadOf } from '../spread.js'
import { postgresDatabase } from '../stores/postgres-database.js'
import { redisDatabase } from '../stores/redis-database.js'
import { sqliteDatabase } from '../stores/sqlite-database.js'
import type { Database, StoreSubject } from '../stores/store-subject.js'

const inFlight = [1, 64] as const
const replayedKeys = 64
const mostRounds = 9

const databases = { Redis: redisDatabase, Postgres: postgresDatabase, SQLite: sqliteDatabase } as const

/** At least so much of the speed of the bare client, by the database; and how often it is asked at most. */
const goals: Readonly<Record<string, number>> = { Redis: 0.92, Postgres: 0.95, SQLite: 0.9 }

/** Claiming and settling in a database, and replaying from it, one request at a time and 64. */
export const stores: Area = async function* (effort) {
  for (const [title, open] of Object.entries(databases)) {
    const database = await open()
    if (typeof database === 'string') {
      yield { title, skipped: database }
      continue
    }
    try {
      yield await measure(database, 'first', 'Claim and settle', 2, effort)
      yield await measure(database, 'replay', 'Replay', 1, effort)
    } finally {
      await database.close()
    }
  }
}

type Operation = 'first' | 'replay'

async function measure(
  database: Database,
  operation: Operation,
  title: string,
  mostTrips: number,
  effort: Effort,
): Promise<Group> {
  const { subjects } = database
  const amount = Math.max(64, Math.ceil(effort.requests / 6))
  const trips: (number | undefined)[] = []
  for (const subject of subjects) {
    if (operation === 'replay') for (const key of repeated) await subject.first(key)
    // Statements are prepared and scripts are loaded before anything is counted.
    await run(subject, operation, 64, 8)
    const before = await database.trips?.()
    await run(subject, operation, 64, 1)
    const after = await database.trips?.()
    // The server counts the question itself, once.
    trips.push(before === undefined ? undefined : Math.round(((after! - before) / 64) * 10) / 10)
  }
  const speeds = subjects.map(() => inFlight.map(() => [] as number[]))
  for (let round = 0; round < Math.min(effort.rounds, mostRounds); round++) {
    for (const [level, concurrency] of inFlight.entries()) {
      for (let turn = 0; turn < subjects.length; turn++) {
        const at = (turn + round) % subjects.length
        speeds[at]![level]!.push(await run(subjects[at]!, operation, amount, concurrency))
      }
    }
  }
  return groupOf(`${title} in ${database.name}`, database, trips, speeds, mostTrips)
}

function groupOf(
  title: string,
  { name, subjects }: Database,
  trips: readonly (number | undefined)[],
  speeds: readonly (readonly (readonly number[])[])[],
  mostTrips: number,
): Group {
  const share = (at: number, level: number) => paired(speeds[at]![level]!, speeds[0]![level]!, (our, raw) => our / raw)
  const rows = subjects.map(({ name: subject, kind, remark }, at): Row => {
    const trip = trips[at]
    const measured = inFlight.flatMap((_, level) => [spreadOf(speeds[at]![level]!), share(at, level)])
    const cells = [trip === undefined ? undefined : spreadOf([trip]), ...measured]
    return { name: subject, kind, ...(remark !== undefined && { remark }), cells }
  })
  const ours = subjects.findIndex(({ kind }) => kind === 'latchkey')
  const target = goals[name.split(',')[0]!]!
  const reached: Goal[] = inFlight.map((concurrency, level) => ({
    text: `${concurrency} in flight: at least ${target} of the bare client`,
    bound: 'at least',
    target,
    reached: share(ours, level).median,
  }))
  const asked = trips[ours]
  if (asked !== undefined) {
    reached.push({ text: `at most ${mostTrips} round trips`, bound: 'at most', target: mostTrips, reached: asked })
  }
  const columns = [
    { title: 'round trips', unit: 'trips' },
    { title: 'one at a time', unit: 'per second' },
    { title: 'to the bare client', unit: 'ratio' },
    { title: '64 in flight', unit: 'per second' },
    { title: 'to the bare client', unit: 'ratio' },
  ] as const
  return { title, columns, rows, goals: reached }
}

const repeated = Array.from({ length: replayedKeys }, (_, at) => `repeated-${at}`)
let made = 0

/** Operations a second. */
async function run(subject: StoreSubject, operation: Operation, amount: number, concurrency: number): Promise<number> {
  let left = amount
  const work = async () => {
    while (left-- > 0) {
      await subject[operation](operation === 'first' ? `${process.pid}-${made++}` : repeated[left % replayedKeys]!)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: concurrency }, work))
  return (amount / (performance.now() - began)) * 1000
}
