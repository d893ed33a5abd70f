import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Area, Effort, Goal, Group, Row, Subject } from '../area.js'
import type { Layout } from '../memory/layouts.js'
import type { Weighed } from '../memory/memory-process.js'
import { spreadOf } from '../spread.js'

interface Weighing extends Subject {
  readonly name: Layout
}

const program = fileURLToPath(new URL('../memory/memory-process.js', import.meta.url))

/** What a stored key and a stored reply of 200 bytes take, each layout in a fresh process. */
export const memory: Area = async function* (effort) {
  yield await weigh(
    'An API key in the memory store',
    [
      { name: 'Latchkey key record', kind: 'latchkey', remark: 'every field, and the indexes by owner' },
      { name: 'Map of digests to objects', kind: 'floor', remark: 'three fields, no index' },
    ],
    150,
    effort,
  )
  yield await weigh(
    'An idempotency record with a reply of 200 bytes',
    [
      { name: 'Latchkey idempotency record', kind: 'latchkey', remark: 'with the order in which records expire' },
      { name: 'Map of digests to replies', kind: 'floor', remark: 'no lease, no token, no order of expiry' },
      { name: '@node-idempotency/core, memory', kind: 'peer', remark: 'no token, no scope; nothing ever expires' },
    ],
    450,
    effort,
  )
}

async function weigh(title: string, subjects: readonly Weighing[], atMost: number, effort: Effort): Promise<Group> {
  const rows: Row[] = []
  for (const subject of subjects) {
    const { bytesEach, residentBytesEach, collectionMs } = await weighed(subject.name, effort.mostEntries)
    rows.push({ ...subject, cells: [bytesEach, residentBytesEach, collectionMs].map((value) => spreadOf([value])) })
  }
  const columns = [
    { title: 'each', unit: 'bytes' },
    { title: 'resident, each', unit: 'bytes' },
    { title: 'full collection', unit: 'ms' },
  ] as const
  const goal: Goal = {
    text: `${subjects[0]!.name} takes at most ${atMost} bytes`,
    bound: 'at most',
    target: atMost,
    reached: rows[0]!.cells[0]!.median,
  }
  const entries = effort.mostEntries.toLocaleString('en')
  return { title: `${title}, ${entries} of them`, columns, rows, goals: [goal] }
}

async function weighed(layout: Layout, entries: number): Promise<Weighed> {
  const execArgv = ['--expose-gc', '--max-old-space-size=4096']
  const child = fork(program, [layout, String(entries)], { execArgv })
  const gone = once(child, 'exit').then(() => Promise.reject(new Error(`${layout} could not be weighed`)))
  gone.catch(() => undefined)
  const [told] = (await Promise.race([once(child, 'message'), gone])) as [Weighed]
  return told
}
