import { repository } from '../architecture/source.js'

const suites = repository('.ts').filter(
  ({ path }) =>
    /\.test\.ts$|^packages\/conformance\/src\//.test(path) || /^test\/architecture\/\w+-rules\.ts$/.test(path),
)

/** The cells of the table under a heading, row by row, without its head. */
export function rows(page: string, heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| ?| ?\|$/g, '').trim()))
}

/** Whether some suite has a test of this name, in which `…` stands for what a table of cases fills in. */
export function isTest(name: string): boolean {
  const pattern = name
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^\n]+')
  return suites.some(({ text }) => new RegExp(pattern).test(text))
}

/** The names in “…” that a cell gives. */
export function namedIn(cell: string): string[] {
  return [...cell.matchAll(/“([^”]+)”/g)].map(([, name]) => name!)
}
