// The command `npm run bench`: measures, prints a table, and writes what it found for the documentation.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Effort, efforts, type Group, isMet, type Skipped } from './area.js'
import type { FromArea } from './area-process.js'
import { areas } from './areas.js'
import { tableOf } from './table.js'
import { writePage } from './write-page.js'
import { resultsOf, writeResults } from './write-results.js'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    area: { type: 'string', default: Object.keys(areas).join(',') },
    out: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

const names = values.area.split(',')
const unknown = names.find((name) => !Object.hasOwn(areas, name))
if (unknown !== undefined) {
  console.error(`There is no area ${unknown}: --area takes ${Object.keys(areas).join(', ')}`)
  process.exit(2)
}

const kind = values.smoke ? 'smoke' : values.quick ? 'quick' : 'full'
const found = new Map<string, (Group | Skipped)[]>()
for (const name of names) found.set(name, await measured(name, efforts[kind]))

const groups = [...found.values()].flat().filter((each) => 'rows' in each)
const goals = groups.flatMap((group) => group.goals)
console.log(
  `\n${goals.filter(isMet).length} of ${goals.length} goals met, by the medians of ${efforts[kind].rounds} rounds (${kind})`,
)
const results = resultsOf(kind, found)
if (values.out !== undefined) writeResults(values.out, results)
if (values.write) writePage(new URL('../../docs/', import.meta.url), results)

/** Measures one area in its own process, and prints each group when it is there. */
async function measured(name: string, effort: Effort): Promise<(Group | Skipped)[]> {
  const all: (Group | Skipped)[] = []
  const program = fileURLToPath(new URL('area-process.js', import.meta.url))
  const child = fork(program, [name, JSON.stringify(effort)], { execArgv: ['--expose-gc'], serialization: 'advanced' })
  child.on('message', (message: FromArea) => {
    all.push(message.found)
    console.log(tableOf(message.found))
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the area ${name} ended with ${code}`)
  return all
}
