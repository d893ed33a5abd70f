import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Group, Row, Skipped } from './area.js'
import { isMet } from './area.js'
import { chartOf } from './chart.js'
import { number, shown } from './table.js'
import type { Results } from './write-results.js'

/**
 * Puts what was measured into docs/performance.md, between the marks of each area, and beside it as JSON and as a chart. Areas that
 * were not measured stay as they are.
 *
 * @param docs the folder.
 */
export function writePage(docs: URL, measured: Results): void {
  const file = new URL('performance.json', docs)
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined
  const areas = { ...before?.areas, ...measured.areas }
  writeFileSync(file, `${JSON.stringify({ ...measured, areas }, undefined, 1)}\n`)
  writeFileSync(new URL('performance.svg', docs), chartOf(Object.values(areas).flat()))
  const page = new URL('performance.md', docs)
  let text = readFileSync(page, 'utf8')
  for (const [name, groups] of Object.entries(measured.areas))
    text = replaced(text, name, markdownOf(name, groups, measured))
  writeFileSync(page, text)
}

function replaced(text: string, name: string, tables: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for ${name}`)
  return `${text.slice(0, from + begin.length)}\n\n${tables}\n\n${text.slice(to)}`
}

function markdownOf(name: string, groups: readonly (Group | Skipped)[], { effort, on }: Results): string {
  const flag = effort === 'full' ? '' : ` --${effort}`
  const command = `\`npm run bench --${flag} --area ${name}\`: Node ${on.node.slice(1)}, ${on.cores} cores of ${on.processor}.`
  return [command, ...groups.map(groupOf)].join('\n\n')
}

function groupOf(group: Group | Skipped): string {
  if ('skipped' in group) return `**${group.title}**: skipped, ${group.skipped}`
  const titles = group.columns.map(({ title, unit }) =>
    unit === 'ratio' || unit === 'trips' ? title : `${title}, ${unit}`,
  )
  const rows = [
    ['', ...titles, 'read with it'],
    titles.concat('', '').map(() => '---'),
    ...group.rows.map((row) => cellsOf(row, group)),
  ]
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  const goals = group.goals.map(
    (goal) => `- ${isMet(goal) ? 'Met' : '**Missed**'}: ${goal.text}: ${number(goal.reached)}.`,
  )
  return [`**${group.title}**`, table, ...(goals.length > 0 ? [goals.join('\n')] : [])].join('\n\n')
}

function cellsOf({ name, kind, remark, cells }: Row, { columns }: Group): string[] {
  const label = kind === 'floor' || kind === 'bare' ? `${name} (${kind})` : name
  return [label, ...columns.map(({ unit }, at) => shown(cells[at] ?? undefined, unit)), remark ?? '']
}
