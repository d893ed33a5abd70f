import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { Block } from './blocks.js'

/** Where the blocks pretend to stand: inside the workspace that has every package installed. */
const folder = posix.join(fileURLToPath(new URL('.', import.meta.url)).replaceAll('\\', '/'), 'blocks')

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  allowJs: true,
  checkJs: true,
  skipLibCheck: true,
  noEmit: true,
}

/**
 * Compiles every block as a module of its own, all in one program, against the built packages, and tells what the compiler
 * said, by document and line. A block whose first line is a comment with a file name (`// latchkey.ts`) is that file, and
 * the other blocks of its document can import it.
 */
export function compile(blocks: readonly Block[]): string[] {
  const files = new Map(blocks.map((block, index) => [pathOf(block, index), block]))
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, directoryExists } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path)?.code ?? readFile(path)
  host.directoryExists = (path) => path.startsWith(folder) || (directoryExists?.(path) ?? true)
  host.getSourceFile = (path, target) => {
    const text = host.readFile(path)
    return text === undefined ? undefined : ts.createSourceFile(path, text, target)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    const block = diagnostic.file && files.get(diagnostic.file.fileName)
    if (block === undefined) return `${diagnostic.file?.fileName ?? 'options'}: ${message}`
    const { line } = diagnostic.file!.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
    return `${block.document}:${block.line + line} ${message}`
  })
}

function pathOf({ document, language, code }: Block, index: number): string {
  const name = /^\/\/ ([\w-]+\.[jt]s)$/.exec(code.split('\n')[0]!)?.[1]
  const extension = language.startsWith('t') ? 'ts' : 'js'
  return posix.join(folder, document.replaceAll(/[^\w]/g, '-'), name ?? `block-${index}.${extension}`)
}
