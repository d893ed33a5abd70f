import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { parse, repository, type Source, visit } from '../architecture/source.js'

/** Which page documents which interface, under the heading "Options". */
const documented = [
  { page: 'docs/idempotency.md', code: 'packages/core/src/idempotency/options.ts', name: 'IdempotencyOptions' },
]

const sources = repository('.md', '.ts')
const sourceAt = (path: string) => sources.find((source) => source.path === path)!

/** The options of an interface in alphabetical order, each with what its docstring gives as the default. */
function optionsOf(source: Source, name: string): string[] {
  const options: string[] = []
  visit(parse(source), (node) => {
    if (!ts.isInterfaceDeclaration(node) || node.name.text !== name) return
    for (const member of node.members) {
      const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'defaultValue')
      const value =
        ts.getTextOfJSDocComment(tag?.comment)?.replaceAll('`', '') ?? (member.questionToken ? '?' : 'required')
      options.push(`${member.name?.getText()}: ${value}`)
    }
  })
  return options.sort()
}

/** The rows of the table of options on a page, written as `optionsOf` writes them. */
function rowsOf({ text }: Source): string[] {
  const [, section] = text.split(/^## Options$/m)
  const rows = [...(section ?? '').split(/^## /m)[0]!.matchAll(/^\| `(\w+)` \| ([^|]+) \| \S.*\|$/gm)]
  return rows.map(([, option, value]) => `${option}: ${value!.trim().replaceAll('`', '')}`).sort()
}

describe.each(documented)('the options of $name', ({ page, code, name }) => {
  test('are all in the table, with their defaults', () => {
    const options = optionsOf(sourceAt(code), name)
    expect(options.length).toBeGreaterThan(3)
    expect(rowsOf(sourceAt(page))).toEqual(options)
  })
})

test('a default that is not the one in the docstring is found', () => {
  const code = {
    path: 'a.ts',
    text: 'interface A {\n/** Says. @defaultValue `1` */\nb?: number\n/** Where. */\nc: string\n}',
  }
  const page = {
    path: 'a.md',
    text: '## Options\n\n| option | default | effect |\n|---|---|---|\n| `b` | `2` | Says |\n',
  }
  expect(optionsOf(code, 'A')).toEqual(['b: 1', 'c: required'])
  expect(rowsOf(page)).toEqual(['b: 2'])
})
