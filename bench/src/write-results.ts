import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, type } from 'node:os'
import { join } from 'node:path'
import type { Group, Skipped } from './area.js'

/** Writes all that was found as JSON into a folder. */
export function writeResults(
  folder: string,
  effort: string,
  found: ReadonlyMap<string, readonly (Group | Skipped)[]>,
): void {
  mkdirSync(folder, { recursive: true })
  const on = {
    node: process.version,
    system: `${type()} ${release()}`,
    processor: cpus()[0]?.model,
    cores: cpus().length,
  }
  const results = { effort, on, areas: Object.fromEntries(found) }
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`)
}
