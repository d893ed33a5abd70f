import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** One file of the repository; `path` is relative to its root, with forward slashes. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** One module that a file names, in whatever form: `import`, `export from`, `import()`, `require()`, `import('x').T`. */
export interface Import {
  readonly specifier: string
  /** Whether the import is gone after compiling. */
  readonly typeOnly: boolean
  readonly line: number
}

/** Tests, and what only they share (`x.test.kit.ts`): neither is published. */
export function isTest(path: string): boolean {
  return /\.test\.(kit\.)?ts$/.test(path)
}

const unread = new Set(['node_modules', 'dist', '.git', '.turbo', 'coverage'])
const root = new URL('../../', import.meta.url)

/** Every text file of the repository with one of these endings, dependencies and build output left out. */
export function repository(...endings: readonly string[]): Source[] {
  const sources: Source[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(new URL(folder, root), { withFileTypes: true })) {
      if (unread.has(entry.name)) continue
      const path = folder + entry.name
      if (entry.isDirectory()) walk(`${path}/`)
      else if (endings.some((ending) => path.endsWith(ending))) {
        sources.push({ path, text: readFileSync(fileURLToPath(new URL(path, root)), 'utf8') })
      }
    }
  }
  walk('')
  return sources
}

const parsed = new WeakMap<Source, ts.SourceFile>()

/** The syntax tree of a TypeScript or JavaScript file. */
export function parse(source: Source): ts.SourceFile {
  const known = parsed.get(source)
  if (known !== undefined) return known
  const tree = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true)
  parsed.set(source, tree)
  return tree
}

/** Visits every node below `from`, outer before inner. */
export function visit(from: ts.Node, see: (node: ts.Node) => void): void {
  see(from)
  from.forEachChild((child) => visit(child, see))
}

/** Where a node stands, for people. */
export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile()
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
}

/** The modules that a file names. */
export function importsOf(source: Source): Import[] {
  const imports: Import[] = []
  visit(parse(source), (node) => {
    const found = moduleNamedBy(node)
    if (found === undefined || !ts.isStringLiteralLike(found.specifier)) return
    imports.push({ specifier: found.specifier.text, typeOnly: found.typeOnly, line: lineOf(node) })
  })
  return imports
}

function moduleNamedBy(node: ts.Node): { specifier: ts.Node; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node)) {
    return { specifier: node.moduleSpecifier, typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword }
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: node.moduleSpecifier, typeOnly: node.isTypeOnly }
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: node.argument.literal, typeOnly: true }
  }
  if (!ts.isCallExpression(node)) return undefined
  const [specifier] = node.arguments
  const loads =
    node.expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(node.expression) && node.expression.text === 'require')
  return loads && specifier !== undefined ? { specifier, typeOnly: false } : undefined
}
