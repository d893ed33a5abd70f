import { refusals } from '@latchkey/core'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { parse, repository, visit } from '../architecture/source.js'

const text = (path: string) => repository('.md', '.ts').find((source) => source.path === path)!.text
const readme = text('README.md')
const problems = text('docs/problems.md')
const table = Object.entries(refusals) as [
  string,
  { status: number; title: string; retryable: boolean; retryAfterSeconds?: number },
][]

/** The codes of ConfigurationError, read from their type: there is no list of them at run time. */
function configurationCodes(): string[] {
  const codes: string[] = []
  const source = repository('.ts').find(({ path }) => path === 'packages/core/src/errors.ts')!
  visit(parse(source), (node) => {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== 'ConfigurationCode') return
    visit(node.type, (inner) => {
      if (ts.isStringLiteral(inner)) codes.push(inner.text)
    })
  })
  return codes
}

/** The sections of a page under a heading of level two, by the name of each heading of level three. */
function sections(page: string, heading: string): Map<string, string> {
  const part = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return new Map(
    part
      .split('\n### ')
      .slice(1)
      .map((section) => [section.split('\n')[0]!, section]),
  )
}

test('the README’s table of refusals is the table in the code', () => {
  const [, part] = readme.split(/^## What it refuses$/m)
  const rows = [...part!.split(/^## /m)[0]!.matchAll(/^\| `([\w-]+)` \| (\d{3}) \| \S.* \|$/gm)]
  expect(rows.map(([, code, status]) => `${code} ${status}`)).toEqual(
    table.map(([code, { status }]) => `${code} ${status}`),
  )
})

describe('docs/problems.md', () => {
  const refused = sections(problems, 'Refusals')
  const misconfigured = sections(problems, 'Configuration errors')

  test('has a section for every refusal, and for nothing else', () => {
    expect([...refused.keys()]).toEqual(table.map(([code]) => code))
  })

  test.each(table)('%s: its status, its body, whether a retry helps, its cause and its fix', (code, row) => {
    const section = refused.get(code) ?? ''
    expect(section).toContain(`${row.status} · ${row.retryable ? 'retry' : 'do not retry'} unchanged`)
    if (row.retryAfterSeconds !== undefined) expect(section).toContain('`Retry-After`')
    const [, body = '{}'] = /```json\n(.+)\n```/.exec(section) ?? []
    const { status, title, retryable } = row
    expect(JSON.parse(body)).toEqual({ type: `urn:latchkey:${code}`, title, status, detail: '…', code, retryable })
    expect(section).toMatch(/\*\*Cause\.\*\* \S[\s\S]+\*\*Fix\.\*\* \S/)
  })

  test('has a section for every configuration error, and for nothing else', () => {
    expect([...misconfigured.keys()].sort()).toEqual(configurationCodes().sort())
  })

  test.each(configurationCodes())('%s: its cause, its fix, and code that is right', (code) => {
    expect(misconfigured.get(code)).toMatch(/\*\*Cause\.\*\* \S[\s\S]+\*\*Fix\.\*\* \S[\s\S]+```ts\n/)
  })
})
