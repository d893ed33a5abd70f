import ts from 'typescript'
import type { Rule } from './dependency-rules.js'
import { isTest, lineOf, parse, type Source, visit } from './source.js'

const mostAdapterLines = 100
const adapters = /^packages\/(express|koa|hono|fetch)\/src\//

/** An adapter translates and does nothing else, so no file of it has more than a hundred lines of code. */
export const adaptersAreThin: Rule = (sources) =>
  sources
    .filter(({ path }) => adapters.test(path) && !isTest(path))
    .map((source) => ({ path: source.path, lines: linesOfCode(source) }))
    .filter(({ lines }) => lines > mostAdapterLines)
    .map(({ path, lines }) => `${path} has ${lines} lines of code, more than ${mostAdapterLines}`)

/** Lines on which a token of code stands: neither blank nor a comment alone. */
function linesOfCode(source: Source): number {
  const file = parse(source)
  const lines = new Set<number>()
  visit(file, (node) => {
    if (node.getChildCount(file) > 0 || node.kind === ts.SyntaxKind.EndOfFileToken) return
    const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line
    const last = file.getLineAndCharacterOfPosition(node.getEnd()).line
    for (let line = first; line <= last; line++) lines.add(line)
  })
  return lines.size
}

/**
 * A status code or a header name in an adapter is logic that belongs in core or in the Node bridge. What an adapter knows of a
 * host under its framework stands in files called after the host (`node-body.ts`), and may name how messages are framed.
 */
export const adaptersDecideNothing: Rule = (sources) =>
  sources
    .filter(({ path }) => /^packages\/(express|koa|hono)\/src\/(?!node-)/.test(path) && !isTest(path))
    .flatMap((source) => found(source, decides))

const headerName =
  /^(accept|age|allow|authorization|cache-control|connection|content-[a-z]+|cookie|date|etag|host|idempotency-[a-z]+|idempotent-[a-z]+|link|location|retry-after|server|set-cookie|transfer-encoding|vary|www-authenticate|x-[a-z-]+)$/i

function decides(node: ts.Node): string | undefined {
  if (ts.isNumericLiteral(node) && Number(node.text) >= 100 && Number(node.text) <= 599) {
    return `an adapter names the status ${node.text}`
  }
  const isText = ts.isStringLiteralLike(node) && !ts.isImportDeclaration(node.parent)
  return isText && headerName.test(node.text) ? `an adapter names the header ${node.text}` : undefined
}

/** Randomness comes from the system's generator, through crypto.ts. */
export const noMathRandom: Rule = (sources) =>
  sources.flatMap((source) =>
    found(source, (node) =>
      ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random'
        ? 'Math.random is not random enough'
        : undefined,
    ),
  )

/** What is secret is compared in constant time, never by an operator that stops at the first difference. */
export const secretsAreNotComparedByOperator: Rule = (sources) =>
  sources
    .filter(({ path }) => path.startsWith('packages/') && !isTest(path))
    .flatMap((source) => found(source, comparesSecret))

const comparisons: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
])

function comparesSecret(node: ts.Node): string | undefined {
  if (!ts.isBinaryExpression(node) || !comparisons.has(node.operatorToken.kind)) return undefined
  const sides = [node.left, node.right]
  if (sides.some(isPublicValue)) return undefined
  const secret = sides.map(nameOf).find((name) => /^(?!is|has).*(secret|digest|mac|signature|checksum)$/i.test(name))
  return secret === undefined ? undefined : `${secret} is compared by an operator`
}

/** A literal, `undefined` or a `typeof`: comparing with it tells nothing about a secret's bytes. */
function isPublicValue(node: ts.Expression): boolean {
  return (
    ts.isLiteralExpression(node) ||
    ts.isTypeOfExpression(node) ||
    node.kind === ts.SyntaxKind.NullKeyword ||
    (ts.isIdentifier(node) && node.text === 'undefined')
  )
}

function nameOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text
  return ts.isPropertyAccessExpression(node) ? node.name.text : ''
}

/** A package does nothing when it is imported, and `require` can load it; core keeps nothing between requests. */
export const modulesAreInert: Rule = (sources) =>
  sources
    .filter(({ path }) => /^packages\/[^/]+\/src\//.test(path) && !path.startsWith('packages/conformance/'))
    .filter(({ path }) => !isTest(path))
    .flatMap((source) =>
      parse(source).statements.flatMap((statement) => {
        const words = acts(statement) ?? (source.path.startsWith('packages/core/') ? keeps(statement) : undefined)
        return words === undefined ? [] : [`${source.path}:${lineOf(statement)} ${words}`]
      }),
    )

function acts(statement: ts.Statement): string | undefined {
  if (awaits(statement)) return 'awaits at the top, so that require() cannot load it'
  return ts.isExpressionStatement(statement) ? 'runs code when it is imported' : undefined
}

const containers: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet'])

function keeps(statement: ts.Statement): string | undefined {
  if (!ts.isVariableStatement(statement)) return undefined
  const { declarations, flags } = statement.declarationList
  const isConstant = (flags & ts.NodeFlags.Const) !== 0
  const holds = declarations.some(({ initializer }) => initializer !== undefined && isEmptyContainer(initializer))
  return isConstant && !holds ? undefined : 'keeps state in the module'
}

function awaits(node: ts.Node): boolean {
  if (ts.isFunctionLike(node)) return false
  return ts.isAwaitExpression(node) || node.forEachChild((child) => awaits(child) || undefined) === true
}

function isEmptyContainer(node: ts.Expression): boolean {
  return (
    ts.isNewExpression(node) &&
    ts.isIdentifier(node.expression) &&
    containers.has(node.expression.text) &&
    (node.arguments ?? []).length === 0
  )
}

/** An index.ts of core names what is public and holds no code of its own. */
export const coreIndexOnlyExports: Rule = (sources) =>
  sources
    .filter(({ path }) => path === 'packages/core/src/index.ts')
    .flatMap((source) =>
      parse(source)
        .statements.filter(
          (statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined),
        )
        .map((statement) => `${source.path}:${lineOf(statement)} is more than a re-export`),
    )

function found(source: Source, complaint: (node: ts.Node) => string | undefined): string[] {
  const lines: string[] = []
  visit(parse(source), (node) => {
    const words = complaint(node)
    if (words !== undefined) lines.push(`${source.path}:${lineOf(node)} ${words}`)
  })
  return lines
}
