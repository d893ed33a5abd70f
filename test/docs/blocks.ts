import type { Source } from '../architecture/source.js'

/** One fenced block of code in a document, or in a docstring. */
export interface Block {
  readonly document: string
  /** The line on which its code begins. */
  readonly line: number
  readonly language: string
  readonly code: string
}

/** The fenced blocks of a Markdown text. */
export function fencedBlocks({ path, text }: Source): Block[] {
  const blocks: Block[] = []
  let open: { line: number; language: string; code: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*```\s*([\w-]*)/.exec(line)
    if (fence === null) open?.code.push(line)
    else if (open === undefined) open = { line: index + 2, language: fence[1]!, code: [] }
    else {
      blocks.push({ document: path, line: open.line, language: open.language, code: open.code.join('\n') })
      open = undefined
    }
  }
  return blocks
}

/** The fenced blocks in the docstrings of a TypeScript file. */
export function docstringBlocks({ path, text }: Source): Block[] {
  let inside = false
  const prose = text.split('\n').map((line) => {
    if (/^\s*\/\*\*/.test(line)) inside = true
    const said = inside ? line.replace(/^\s*(\/\*\*|\*\/|\*) ?/, '') : ''
    if (line.includes('*/')) inside = false
    return said
  })
  return fencedBlocks({ path, text: prose.join('\n') })
}

/** Whether a block is code that the compiler can read. */
export function isCompiled({ language }: Block): boolean {
  return /^(ts|typescript|js|javascript|mjs|tsx)$/.test(language)
}
