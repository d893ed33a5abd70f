import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Area } from './checks.js'
import { type RuntimeName, root } from './runtimes.js'

/** What one run of one check has found. */
export interface Finding {
  readonly runtime: RuntimeName
  readonly version: string
  readonly area: Area
  readonly passed: number
  readonly skipped: number
  readonly failed: number
  /** What was run, and when. */
  readonly commit: string
  readonly date: string
}

const file = `${root}test/runtimes/record.json`

/** What has been found so far: the last run of each check. */
export function recorded(): Finding[] {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Puts findings in the place of earlier ones about the same. */
export function record(findings: readonly Finding[]): Finding[] {
  const isSame = (one: Finding, other: Finding) => one.runtime === other.runtime && one.area === other.area
  const kept = recorded().filter((old) => !findings.some((fresh) => isSame(old, fresh)))
  const all = [...kept, ...findings].sort((a, b) => (`${a.runtime} ${a.area}` < `${b.runtime} ${b.area}` ? -1 : 1))
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
  return all
}

/** The commit that is checked out, with a mark where it is not all of it. */
export function checkedOut(): string {
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const isChanged = git('status', '--porcelain', '--', 'packages', 'test', ':!test/runtimes/record.json') !== ''
  return git('rev-parse', '--short=12', 'HEAD') + (isChanged ? ' and changes to it' : '')
}
