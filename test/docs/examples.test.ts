import { describe, expect, test } from 'vitest'
import { repository, type Source } from '../architecture/source.js'
import { docstringBlocks, fencedBlocks, isCompiled } from './blocks.js'
import { compile } from './compile.js'

const isPublished = ({ path }: Source) => /^(README|CONTRIBUTING|SECURITY|docs\/|packages\/|examples\/)/.test(path)
const documents = repository('.md').filter(isPublished)
const docstrings = repository('.ts').filter(({ path }) => /^packages\/[^/]+\/src\//.test(path))
const inDocuments = documents.flatMap(fencedBlocks).filter(isCompiled)
const inDocstrings = docstrings.flatMap(docstringBlocks).filter(isCompiled)

describe('every example compiles', () => {
  test('in the documents and in the docstrings', { timeout: 120_000 }, () => {
    expect(inDocuments.length).toBeGreaterThan(0)
    expect(inDocstrings.length).toBeGreaterThan(0)
    expect(compile([...inDocuments, ...inDocstrings])).toEqual([])
  })

  test('every package shows how it is used', () => {
    const packages = documents.filter(({ path }) => /^packages\/[^/]+\/README\.md$/.test(path))
    const silent = packages.filter((readme) => !fencedBlocks(readme).some(isCompiled))
    expect(silent.map(({ path }) => path)).toEqual([])
  })
})

describe('the compiler bites', () => {
  const fence = '```'
  const page = (...blocks: string[]): Source => ({
    path: 'docs/planted.md',
    text: blocks.map((code) => `${fence}ts\n${code}\n${fence}`).join('\n\n'),
  })
  const complaintsOf = (source: Source) => compile(fencedBlocks(source).filter(isCompiled))

  test('an option that does not exist, and a name that was never there', { timeout: 60_000 }, () => {
    const complaints = complaintsOf(
      page(
        `import { problem } from '@latchkey/core'\n\nproblem({ status: '400', code: 'x', title: 'X' })`,
        `import { gone } from '@latchkey/core'`,
        `// shared.ts\nexport const shared = 1`,
        `import { shared } from './shared.js'\nexport const text: string = shared`,
      ),
    )
    expect(complaints).toEqual([
      expect.stringContaining('docs/planted.md:4 Type '),
      expect.stringContaining(`docs/planted.md:8 Module '"@latchkey/core"' has no exported member 'gone'`),
      expect.stringContaining(`docs/planted.md:18 Type 'number' is not assignable to type 'string'`),
    ])
  })

  test('a block in a docstring is found at its own line', () => {
    const text = `/**\n * Says.\n *\n * @example\n * ${fence}ts\n * const a = 1\n * ${fence}\n */\nexport const a = 1\n`
    expect(docstringBlocks({ path: 'a.ts', text })).toEqual([
      { document: 'a.ts', line: 6, language: 'ts', code: 'const a = 1' },
    ])
  })
})
