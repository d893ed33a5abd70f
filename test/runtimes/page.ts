import { readFileSync, writeFileSync } from 'node:fs'
import { type Area, areas } from './checks.js'
import { allDeviations, type Deviation } from './deviations.js'
import type { Finding } from './record.js'
import { type RuntimeName, root, runtimes } from './runtimes.js'

/** Between these the page is written by the command. */
const marks = ['<!-- Written by `npm run runtimes -- --write`. -->', '<!-- Until here. -->'] as const

const file = `${root}docs/runtimes.md`

export function writePage(findings: readonly Finding[]): void {
  writeFileSync(file, withFindings(readFileSync(file, 'utf8'), findings))
}

/** The page with what was found in its place. */
export function withFindings(page: string, findings: readonly Finding[]): string {
  const [begin, end] = marks
  const before = page.split(begin)[0]
  const after = page.split(end)[1]
  if (before === page || after === undefined)
    throw new TypeError('docs/runtimes.md has lost the marks of what is written')
  return `${before}${begin}\n\n${written(findings)}\n\n${end}${after}`
}

function written(findings: readonly Finding[]): string {
  const nodes = runtimes.filter(({ name }) => name.startsWith('node-'))
  const hosts = runtimes.filter((runtime) => !nodes.includes(runtime))
  const namesOf = (list: typeof runtimes) => list.map(({ name }) => name)
  const commits = [...new Set(findings.map(({ commit, date }) => `${commit} (${date})`))].sort()
  return [
    '### Node',
    table(namesOf(nodes), findings),
    '### Hosts of fetch handlers',
    table(namesOf(hosts), findings),
    `Run at ${commits.join(', ')}, on Linux.`,
    '### What is skipped there, and why',
    allDeviations.map(line).join('\n'),
  ].join('\n\n')
}

/** A column a runtime, a row an area that was looked at on one of them. */
function table(names: readonly RuntimeName[], findings: readonly Finding[]): string {
  const found = (name: RuntimeName, area: string) => findings.find((one) => one.runtime === name && one.area === area)
  const rows = Object.keys(areas).filter((area) => names.some((name) => found(name, area) !== undefined))
  const titles = names.map((name) => {
    const version = findings.find(({ runtime }) => runtime === name)?.version
    const { title } = runtimes.find((each) => each.name === name)!
    return version === undefined ? title : `${title.split(' ')[0]} ${version}`
  })
  return [
    `| | ${titles.join(' | ')} |`,
    `|---|${names.map(() => '---|').join('')}`,
    ...rows.map((area) => `| ${areas[area as Area]} | ${names.map((name) => cell(found(name, area))).join(' | ')} |`),
  ].join('\n')
}

function cell(finding: Finding | undefined): string {
  if (finding === undefined) return 'not run'
  const { passed, skipped, failed } = finding
  const counts = [`${passed} passed`, skipped > 0 && `${skipped} skipped`, failed > 0 && `**${failed} failed**`]
  return counts.filter(Boolean).join(', ')
}

const titles = { bun: 'Bun', deno: 'Deno', workers: 'workerd' } as const

function line({ runtimes: where, adapters, reason, cases }: Deviation): string {
  const hosts = where.length === 3 ? 'Bun, Deno, workerd' : where.map((name) => titles[name]).join(', ')
  const on = adapters.length === 2 ? '' : `, \`@latchkey/${adapters[0]}\``
  return `- ${hosts}${on}: ${reason}.\n${cases.map((name) => `  - “${name}”`).join('\n')}`
}
