// Fills one layout and tells what it takes: its arguments are the layout and the number of entries. Needs --expose-gc.
import { type Layout, layouts } from './layouts.js'

/** What a layout takes, beyond what the process took before. */
export interface Weighed {
  readonly bytesEach: number
  readonly residentBytesEach: number
  /** A full collection while all of it lives. */
  readonly collectionMs: number
}

const [layout, entries] = process.argv.slice(2) as [Layout, string]
const count = Number(entries)
const collect = globalThis.gc!

/** Once for the code and the caches of its libraries, so that these are not counted. */
let kept: unknown = await layouts[layout](100)
kept = undefined
const before = settled()
kept = await layouts[layout](count)
const after = settled()
const began = performance.now()
collect()
const weighed: Weighed = {
  bytesEach: (after.used - before.used) / count,
  residentBytesEach: (after.resident - before.resident) / count,
  collectionMs: performance.now() - began,
}
process.send?.(kept === undefined ? undefined : weighed, () => process.exit())

function settled(): { used: number; resident: number } {
  for (let time = 0; time < 3; time++) collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { used: heapUsed + external, resident: rss }
}
