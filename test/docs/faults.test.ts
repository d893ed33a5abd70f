import { posix } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { parse, repository, type Source, visit } from '../architecture/source.js'

const sources = repository('.md', '.ts')
const page = sources.find(({ path }) => path === 'docs/faults.md')!

interface Row {
  readonly number: string
  /** The last cell. */
  readonly shownBy: string
}

function rowsOf({ text }: Source): Row[] {
  const lines = text.split('\n').filter((line) => /^\| F\d\d \|/.test(line))
  return lines.map((line) => {
    const cells = line.split(' | ')
    return { number: cells[0]!.slice(2), shownBy: cells.at(-1)!.replace(/ \|$/, '') }
  })
}

/** The tests that a row names, each with the file whose link stands before it. */
function namedTests({ shownBy }: Row): { path: string; title: string }[] {
  let path = ''
  return [...shownBy.matchAll(/\]\(([^)#]+)\)|“([^”]+)”/g)].flatMap(([, link, title]) => {
    if (link !== undefined) path = posix.join('docs', link)
    return title === undefined ? [] : [{ path, title }]
  })
}

/** What stands for a value that a table of cases fills in. */
const blank = (title: string) => title.replaceAll(/\$\{[^}]*\}|%[sijd]|\$\w+/g, '…')

/** The titles of the tests in a file, and the names of the cases of its tables. */
function titlesIn(source: Source): Set<string> {
  const titles = new Set<string>()
  const add = (node: ts.Node | undefined) => {
    if (node === undefined) return
    if (ts.isStringLiteralLike(node)) titles.add(blank(node.text))
    else if (ts.isTemplateExpression(node)) titles.add(blank(node.getText().slice(1, -1)))
    else if (ts.isConditionalExpression(node)) for (const each of [node.whenTrue, node.whenFalse]) add(each)
    else if (ts.isBinaryExpression(node)) for (const each of [node.left, node.right]) add(each)
  }
  visit(parse(source), (node) => {
    if (ts.isCallExpression(node) && /^(it|test)\b/.test(node.expression.getText())) add(node.arguments[0])
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'name') add(node.initializer)
    // A table of titles, handed to `test.each`: each is the whole name of a test.
    if (ts.isArrayLiteralExpression(node)) for (const each of node.elements) if (ts.isStringLiteral(each)) add(each)
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name)) add(node.name)
  })
  return titles
}

/** What is wrong with a row. */
function complaints(row: Row, files: readonly Source[]): string[] {
  const tests = namedTests(row)
  if (tests.length === 0 && !/^not claimed: \S/.test(row.shownBy)) return [`${row.number} names no test`]
  return tests.flatMap(({ path, title }) => {
    const file = files.find((source) => source.path === path)
    if (file === undefined) return [`${row.number}: there is no file ${path}`]
    return titlesIn(file).has(title) ? [] : [`${row.number}: ${path} has no test “${title}”`]
  })
}

describe('docs/faults.md', () => {
  const rows = rowsOf(page)

  test('has the forty rows, in their order', () => {
    const numbers = Array.from({ length: 40 }, (_, index) => `F${String(index + 1).padStart(2, '0')}`)
    expect(rows.map(({ number }) => number)).toEqual(numbers)
  })

  test('names in each row tests that are there, with these titles, in these files, or claims nothing', () => {
    expect(rows.flatMap((row) => complaints(row, sources))).toEqual([])
  })
})

describe('the checker bites', () => {
  const file = { path: 'test/planted.test.ts', text: "test('is there', () => {})\nit.each([1])(`also %s`, () => {})" }
  const elsewhere = { path: 'test/other.test.ts', text: "test('is elsewhere', () => {})" }
  const check = (shownBy: string) => complaints({ number: 'F00', shownBy }, [file, elsewhere])

  test.each([
    ['[planted](../test/planted.test.ts): “is there”, “also …”', []],
    ['[planted](../test/planted.test.ts): “is there”, [other](../test/other.test.ts): “is elsewhere”', []],
    ['not claimed: there is no such clock', []],
    ['[planted](../test/planted.test.ts): “is”', ['F00: test/planted.test.ts has no test “is”']],
    ['[planted](../test/planted.test.ts): “is elsewhere”', ['F00: test/planted.test.ts has no test “is elsewhere”']],
    ['[gone](../test/gone.test.ts): “is there”', ['F00: there is no file test/gone.test.ts']],
    ['[planted](../test/planted.test.ts)', ['F00 names no test']],
    ['it works', ['F00 names no test']],
  ])('%s', (shownBy, expected) => expect(check(shownBy)).toEqual(expected))

  test('a row that is missing, or twice', () => {
    const text = '| F01 | a | b | not claimed: c |\n| F03 | a | b | not claimed: c |'
    expect(rowsOf({ path: 'docs/planted.md', text }).map(({ number }) => number)).toEqual(['F01', 'F03'])
  })
})
