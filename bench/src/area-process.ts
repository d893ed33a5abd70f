// Measures one area in a process of its own, so that no area meets what another has made of the heap and of the compiler's mind.
import type { Effort, Group, Skipped } from './area.js'
import { areas } from './areas.js'

/** What it is given as its arguments: the area's name and the effort. */
const [name, effort] = process.argv.slice(2) as [keyof typeof areas, string]

export type FromArea = { readonly found: Group | Skipped }

for await (const found of areas[name](JSON.parse(effort) as Effort)) {
  await new Promise((sent) => process.send?.({ found } satisfies FromArea, sent))
}
process.disconnect?.()
