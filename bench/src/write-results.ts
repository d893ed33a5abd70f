import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, type } from 'node:os'
import { join } from 'node:path'
import type { Group, Skipped } from './area.js'

/** All that a run has found, and where it ran. */
export interface Results {
  readonly effort: string
  readonly on: { readonly node: string; readonly system: string; readonly processor: string; readonly cores: number }
  readonly areas: Readonly<Record<string, readonly (Group | Skipped)[]>>
}

export function resultsOf(effort: string, found: ReadonlyMap<string, readonly (Group | Skipped)[]>): Results {
  const on = {
    node: process.version,
    system: type(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
  }
  return { effort, on, areas: Object.fromEntries(found) }
}

/** Writes results as JSON into a folder. */
export function writeResults(folder: string, results: Results): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`)
}
